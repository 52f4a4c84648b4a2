"""Adds the final outcome, as of the download, to the results of a batch, which are stored as they were decided."""

import re
from collections.abc import Iterator, Mapping
from uuid import UUID

from domain.policies.final_outcome import FinalOutcome

COLUMN = b"final_outcome"
_IDENTIFIER = re.compile(rb"(?<=,)[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}(?=,)")
"""The decision's, since no column before it can have one."""
_OF_SYSTEM = {b"approved": FinalOutcome.APPROVED, b"declined": FinalOutcome.DECLINED}


class FinalOutcomeColumn:
    """Appends the column to chunks of lines, the first of which begins with the header.

    A line of a result can contain line breaks within quotes, in columns that the caller kept.
    """

    def __init__(self) -> None:
        self._outcome_at: int | None = None

    def identifiers(self, chunk: bytes) -> list[UUID]:
        """The decisions of a chunk."""
        return [UUID(found.group().decode()) for line in _lines(chunk) if (found := _IDENTIFIER.search(line))]

    def added(self, chunk: bytes, decided: Mapping[UUID, FinalOutcome]) -> bytes:
        """The chunk with the column; `decided` are the outcomes that people gave."""
        return b"".join(self._extended(line, decided) for line in _lines(chunk))

    def _extended(self, line: bytes, decided: Mapping[UUID, FinalOutcome]) -> bytes:
        content = line.rstrip(b"\r\n")
        end = line[len(content) :]
        if self._outcome_at is None:
            self._outcome_at = content.split(b",").index(b"outcome")
            return content + b"," + COLUMN + end
        found = _IDENTIFIER.search(content)
        outcome = decided.get(UUID(found.group().decode())) if found else None
        if outcome is None:
            system = content.split(b",", self._outcome_at + 1)[self._outcome_at]
            outcome = _OF_SYSTEM.get(system)
        return content + b"," + (b"" if outcome is None else outcome.value.encode()) + end


def _lines(chunk: bytes) -> Iterator[bytes]:
    """The lines of CSV with their ends; a line goes on where a quote is open."""
    begun = b""
    for part in chunk.splitlines(keepends=True):
        begun += part
        if begun.count(b'"') % 2 == 0:
            yield begun
            begun = b""
    if begun:
        yield begun
