"""Columns beside the product's: references, origin and bureau data of each loan, and what the results repeat."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import polars as pl

from adapters.loan_files.columns import ColumnRequirements, normal_name
from adapters.loan_files.field_parsing import FieldParser, is_missing
from adapters.loan_files.superseding_columns import as_text, superseding_parsers
from adapters.loan_files.unreadable import LoanFileUnreadable
from domain.applications import application_identity, bureau_fields
from domain.applications.application_identity import TEXTS, allowed, is_label
from domain.applications.bureau_fields import NAMES as BUREAU_FIELDS
from domain.applications.superseding import NAMES as SUPERSEDING
from domain.applications.superseding import SUPERSEDES
from domain.applications.synthetic import RESERVED, SYNTHETIC_SOURCE
from domain.batches.kept_columns import KEPT, LONGEST_KEPT, shown_columns

_ALIASES = {**application_identity.ALIASES, **bureau_fields.ALIASES}
_SEPARATORS = re.compile(r"[\s.\-]+")
_PLAIN = r"^[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?$"
"""Texts that need no closer look."""


def match_caller_columns(path: Path, found: Sequence[str], requirements: ColumnRequirements) -> dict[str, int]:
    """The position of each of these columns. Raises LoanFileUnreadable if one to be kept is missing."""
    if requirements.outcomes:
        return {}
    return _named(path, found, requirements) | _kept(path, found, requirements.keep)


def _named(path: Path, found: Sequence[str], requirements: ColumnRequirements) -> dict[str, int]:
    """A field's own name comes before its aliases, and a product's columns before both."""
    names = [_SEPARATORS.sub("_", normal_name(name)).strip("_") for name in found]
    taken = requirements.own_names
    positions: dict[str, int] = {}
    for name in (*TEXTS, *BUREAU_FIELDS, *SUPERSEDING):
        for candidate in (name, *_ALIASES.get(name, ())):
            if candidate in names and candidate not in taken:
                if names.count(candidate) > 1:
                    raise LoanFileUnreadable(path, f"has duplicate columns: {candidate}. Keep one of each.")
                positions[name] = names.index(candidate)
                break
    lacking = [name for name in SUPERSEDING if name not in positions]
    if len(lacking) == 1:
        (other,) = {*SUPERSEDING} - {*lacking}
        raise LoanFileUnreadable(
            path, f"has the column {other} without {lacking[0]}. Add this one, or remove both."
        )
    return positions


def _kept(path: Path, found: Sequence[str], keep: Sequence[str]) -> dict[str, int]:
    names = [normal_name(name) for name in found]
    missing = [name for name in keep if normal_name(name) not in names]
    if missing:
        raise LoanFileUnreadable(
            path, f"lacks columns to be kept: {', '.join(missing)}. Columns found: {shown_columns(found)}."
        )
    repeated = [name for name in keep if names.count(normal_name(name)) > 1]
    if repeated:
        raise LoanFileUnreadable(path, f"has duplicate columns: {', '.join(repeated)}. Keep one of each.")
    return {f"{KEPT}{name}": names.index(normal_name(name)) for name in keep}


def caller_parsers(schema: Mapping[str, pl.DataType]) -> list[FieldParser]:
    """The parsers of the caller's columns that a table of raw cells has."""
    texts = [_label_parser(name, longest, schema[name]) for name, longest in TEXTS.items() if name in schema]
    return [
        *(_unreserved(each, schema) if each.name == "source" else each for each in texts),
        *superseding_parsers(schema),
        *(_kept_parser(name, schema[name]) for name in schema if name.startswith(KEPT)),
    ]


def _label_parser(name: str, longest: int, dtype: pl.DataType) -> FieldParser:
    text = as_text(name, dtype).str.strip_chars()
    value = pl.when(is_missing(text)).then(None).otherwise(text)
    parsed = pl.col(name)
    plain = (parsed.str.len_chars() <= longest) & parsed.str.contains(_PLAIN)
    return FieldParser(
        name,
        text,
        value,
        quick_check=parsed.is_null() | plain,
        allowed=value.is_null() | value.map_batches(_each(longest), return_dtype=pl.Boolean()),
        unreadable=pl.lit(""),
        out_of_range=f"is not a valid text; allowed: {allowed(name)}",
    )


def _unreserved(source: FieldParser, schema: Mapping[str, pl.DataType]) -> FieldParser:
    """The parser of `source`, which refuses the reserved one unless the row decides an application again."""
    free = (source.value.str.to_lowercase() != SYNTHETIC_SOURCE).fill_null(value=True)
    if SUPERSEDES in schema:
        given = ~is_missing(as_text(SUPERSEDES, schema[SUPERSEDES]).str.strip_chars()).fill_null(value=True)
        free |= (source.value == SYNTHETIC_SOURCE) & given
    quick = (pl.col(source.name).str.to_lowercase() != SYNTHETIC_SOURCE).fill_null(value=True)
    return replace(
        source,
        quick_check=source.quick_check & quick,
        allowed=source.allowed & free,
        out_of_range=f"{source.out_of_range}, but not {SYNTHETIC_SOURCE}, which {RESERVED}",
    )


def _each(longest: int) -> Callable[[pl.Series], pl.Series]:
    def check(texts: pl.Series) -> pl.Series:
        valid = [text is None or is_label(text, longest) for text in texts.to_list()]
        return pl.Series(texts.name, valid, pl.Boolean)

    return check


def _kept_parser(name: str, dtype: pl.DataType) -> FieldParser:
    text = as_text(name, dtype)
    short = (pl.col(name).str.len_chars() <= LONGEST_KEPT).fill_null(value=True)
    return FieldParser(
        name,
        text,
        text,
        quick_check=short,
        allowed=(text.str.len_chars() <= LONGEST_KEPT).fill_null(value=True),
        unreadable=pl.lit(""),
        out_of_range=f"is too long to be kept; allowed: at most {LONGEST_KEPT:,} characters",
    )
