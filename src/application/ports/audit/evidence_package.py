"""Writing exports of evidence: the package, and the documents for people in it."""

from abc import abstractmethod
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from domain.decisions.decision_record import DecisionRecord
from domain.policies.scoring_policy import ScoringPolicy
from domain.products.product_definition import ProductDefinition


@dataclass(frozen=True, slots=True)
class TextSection:
    """A titled list of labels and values; the label is empty in a list of sentences."""

    title: str
    items: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class RecordText:
    """A decision in words."""

    decision_id: str
    outcome: str
    summary: tuple[str, ...]
    sections: tuple[TextSection, ...]


DescribeRecord = Callable[[DecisionRecord, ScoringPolicy | None, ProductDefinition], RecordText]
"""Puts a record into words; the policy is None if it is not archived."""


@dataclass(frozen=True, slots=True)
class EvidenceDocuments:
    """The documents for people. If there is no PDF, `no_pdf` says why."""

    html: bytes
    pdf: bytes | None
    no_pdf: str = ""


class EvidenceRenderer(Protocol):
    """Renders decisions in words as HTML and PDF."""

    @abstractmethod
    async def render(self, texts: Sequence[RecordText], *, pdf: bool) -> EvidenceDocuments:
        """The documents. A PDF that cannot be made does not fail the export."""


@dataclass(frozen=True, slots=True)
class SealedPackage:
    """A complete package: its size in bytes, its SHA-256 (hexadecimal) and its content, which is read once."""

    size: int
    sha256: str
    content: AsyncIterator[bytes]


class EvidencePackage(Protocol):
    """A package that is being written; `files` are the SHA-256 (hexadecimal) of what it contains, by name."""

    files: Mapping[str, str]

    @abstractmethod
    async def add(self, name: str, content: bytes) -> None:
        """Add a file."""

    @abstractmethod
    async def add_lines(self, name: str, lines: AsyncIterator[bytes]) -> None:
        """Add a file of lines, which are never all in memory."""

    @abstractmethod
    async def seal(self) -> SealedPackage:
        """Complete the package."""

    @abstractmethod
    def discard(self) -> None:
        """Remove a package, or one that was sealed, whose content will not be read."""


class EvidencePackages(Protocol):
    """Creates packages, each with the program that verifies it and a text that explains it."""

    @abstractmethod
    async def create(self) -> EvidencePackage:
        """A package without evidence."""
