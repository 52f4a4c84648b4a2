"""The policies and model bundles that decided: each that a decision names must be stored, unchanged."""

from collections.abc import Iterable, Iterator
from enum import StrEnum
from typing import NamedTuple
from uuid import UUID

from domain.audit.entry import IntegrityViolation


class VersionKind(StrEnum):
    """What a fingerprint is of."""

    MODEL = "model bundle"
    POLICY = "policy"


class Version(NamedTuple):
    """A policy or model bundle, by its fingerprint (SHA-256, hexadecimal)."""

    kind: VersionKind
    fingerprint: str

    def __str__(self) -> str:
        """Which, for people."""
        return f"{self.kind} {self.fingerprint}"


class VersionVerifier:
    """Notes which versions decisions name, and compares them with those that are stored.

    A few dozen bytes for each different version, and none for a decision.
    """

    def __init__(self) -> None:
        self._named: dict[Version, tuple[UUID, int]] = {}

    def note(self, decision_id: UUID, named: Iterable[Version]) -> None:
        """Note what a decision names."""
        for version in named:
            first, count = self._named.get(version, (decision_id, 0))
            self._named[version] = first, count + 1

    def check(self, stored: Version, fault: str) -> IntegrityViolation | None:
        """What is wrong with the next stored version; `fault` says how it differs from its fingerprint, if so."""
        self._named.pop(stored, None)
        return IntegrityViolation(None, None, None, fault, version=str(stored)) if fault else None

    def missing(self) -> Iterator[IntegrityViolation]:
        """The versions that decisions name, once all stored ones were checked, and that are not stored."""
        for version, (decision_id, count) in self._named.items():
            others = f"; {count - 1} more name it too" if count > 1 else ""
            yield IntegrityViolation(None, None, decision_id, f"it names {version}, which is not stored{others}")
