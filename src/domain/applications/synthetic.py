"""Synthetic applications, which the demonstration makes up. They are never mixed up with real ones."""

from collections.abc import Iterator, Mapping
from dataclasses import replace

from domain.applications.application_identity import ApplicationIdentity, IdentityFault, allowed, identity_faults

SYNTHETIC_SOURCE = "synthetic demonstration"
"""The source of synthetic applications, which no caller may state for a new application."""
RESERVED = "is reserved for the applications that `scoring demo` makes up"


def is_synthetic(identity: ApplicationIdentity) -> bool:
    """Whether the application was made up by the demonstration."""
    return identity.source == SYNTHETIC_SOURCE


def is_reserved(source: str | None) -> bool:
    """Whether callers may not state this source: it is, or looks like, that of synthetic applications."""
    return source is not None and source.casefold() == SYNTHETIC_SOURCE


def unreserved(identity: ApplicationIdentity) -> ApplicationIdentity:
    """The identity without a reserved source, for a new application that begins as a copy of a synthetic one."""
    return replace(identity, source=None) if is_reserved(identity.source) else identity


def caller_faults(values: Mapping[str, object], *, supersedes: bool = False) -> Iterator[IdentityFault]:
    """What is wrong with the values that a caller states, by field.

    A synthetic application that is decided again stays synthetic, so an application that `supersedes` a decision
    may state the source; `check_same_application` compares both.
    """
    yield from identity_faults(values)
    source = values.get("source")
    if isinstance(source, str) and is_reserved(source) and not (supersedes and source == SYNTHETIC_SOURCE):
        yield IdentityFault("source", RESERVED, f"{allowed('source')}, but not {SYNTHETIC_SOURCE}")
