"""The caller's own columns of a chunk: the identity of each application, and what the results repeat."""

from collections.abc import Iterator, Mapping

import polars as pl

from domain.applications.application_identity import NO_IDENTITY, TEXTS, ApplicationIdentity
from domain.batches.kept_columns import KEPT

RENAMED = "input_"
"""Begins the name in the results of a column that is named as one of them."""


def identities(loans: pl.DataFrame) -> Iterator[ApplicationIdentity]:
    """The identity of each application."""
    given = [name for name in TEXTS if name in loans.columns and loans[name].null_count() < loans.height]
    if not given:
        return iter([NO_IDENTITY] * loans.height)
    columns = [loans[name].to_list() if name in given else [None] * loans.height for name in TEXTS]
    return map(ApplicationIdentity, *columns)


def caller_columns(loans: pl.DataFrame, taken: Mapping[str, object]) -> dict[str, pl.Series]:
    """The columns of the results that are the caller's; `taken` are all others."""
    nothing = pl.Series([None], dtype=pl.String).new_from_index(0, loans.height)
    columns = {name: loans[name] if name in loans.columns else nothing for name in TEXTS}
    for name in loans.columns:
        if name.startswith(KEPT):
            shown = name.removeprefix(KEPT)
            while shown in taken or shown in columns:
                shown = RENAMED + shown
            columns[shown] = loans[name]
    return columns
