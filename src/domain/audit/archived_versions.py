"""Checks that every policy, model bundle and product definition named by a decision is stored unchanged."""

from collections.abc import Iterable, Iterator
from enum import StrEnum
from typing import NamedTuple
from uuid import UUID

from domain.audit.entry import IntegrityViolation


class VersionKind(StrEnum):
    """The kinds of versions."""

    MODEL = "model bundle"
    POLICY = "policy"
    PRODUCT = "product definition"


class Version(NamedTuple):
    """A policy, model bundle or product definition by its fingerprint (SHA-256, hexadecimal)."""

    kind: VersionKind
    fingerprint: str

    def __str__(self) -> str:
        """The version in words."""
        return f"{self.kind} {self.fingerprint}"


class VersionVerifier:
    """Collects the versions that decisions name and compares them with those that are stored.

    Takes a few dozen bytes per version and none per decision.
    """

    def __init__(self) -> None:
        self._named: dict[Version, tuple[UUID, int]] = {}

    def note(self, decision_id: UUID, named: Iterable[Version]) -> None:
        """Add the versions that a decision names."""
        for version in named:
            first, count = self._named.get(version, (decision_id, 0))
            self._named[version] = first, count + 1

    def check(self, stored: Version, fault: str) -> IntegrityViolation | None:
        """The violation at the next stored version; `fault` says how it differs from its fingerprint."""
        self._named.pop(stored, None)
        return IntegrityViolation(None, None, None, fault, version=str(stored)) if fault else None

    def missing(self) -> Iterator[IntegrityViolation]:
        """Violations for versions that are named but not stored. Call this after all stored ones were checked."""
        for version, (decision_id, count) in self._named.items():
            others = f"; {count - 1} more name it too" if count > 1 else ""
            yield IntegrityViolation(None, None, decision_id, f"it names {version}, which is not stored{others}")
