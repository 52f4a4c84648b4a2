"""Every error in the caller's own data about an application: references, origin and metadata."""

from collections.abc import Mapping
from typing import Any

from domain.applications.application_identity import (
    ALIASES,
    METADATA,
    NO_IDENTITY,
    ApplicationIdentity,
    allowed,
)
from domain.applications.synthetic import caller_faults
from entrypoints.api.decisions.shown_values import shown_value
from entrypoints.api.http.problems import FieldError, shown_text
from entrypoints.api.http.strict_json import Members

SUGGESTED = {alias: name for name, aliases in ALIASES.items() for alias in aliases}
"""Usual names of the fields, for hints."""


def check_identity(
    given: Mapping[str, object], *, supersedes: bool = False
) -> tuple[ApplicationIdentity, list[FieldError]]:
    """The caller's own data in members of a body, which may decide an application again, or every error."""
    values: dict[str, Any] = {name: value for name, value in given.items() if value is not None}
    errors = []
    metadata = values.get(METADATA)
    if isinstance(metadata, Members):
        values[METADATA] = dict(metadata.pairs)
        errors = [
            FieldError(METADATA, f"has {shown_text(name)} more than once", allowed(METADATA))
            for name in _repeated([name for name, _ in metadata.pairs])
        ]
    errors += [
        FieldError(fault.field, fault.problem, fault.allowed, shown_value(given[fault.field]))
        for fault in caller_faults(values, supersedes=supersedes)
    ]
    return (NO_IDENTITY if errors else ApplicationIdentity(**values)), errors


def _repeated(names: list[str]) -> list[str]:
    return [name for name in dict.fromkeys(names) if names.count(name) > 1]
