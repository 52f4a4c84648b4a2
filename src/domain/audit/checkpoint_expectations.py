"""Marks: what checkpoints say of chains, held against the chains as they are."""

from collections.abc import Iterator
from uuid import UUID

from domain.audit.checkpoint import Checkpoint
from domain.audit.entry import AuditEntry, IntegrityViolation


class CheckpointExpectations:
    """The digests that chains must have at certain entries, and so how long they must be at least.

    All of them are kept, some 200 bytes each, so that what was changed is placed between two checkpoints.
    """

    def __init__(self) -> None:
        self._digests: dict[UUID, dict[int, tuple[bytes, int]]] = {}
        self._held: dict[UUID, int] = {}
        self._lengths: dict[UUID, int] = {}

    def add(self, checkpoint: Checkpoint) -> None:
        """Take what a checkpoint says, which must have been found genuine."""
        for head in checkpoint.heads:
            self._digests.setdefault(head.chain, {})[head.length] = (head.digest, checkpoint.number)

    def check(self, entry: AuditEntry) -> IntegrityViolation | None:
        """Whether the next entry of a chain is the one that a checkpoint, if any, speaks of."""
        self._lengths[entry.chain] = entry.sequence
        marked = self._digests.get(entry.chain)
        mark = marked and marked.get(entry.sequence)
        if not mark:
            return None
        digest, number = mark
        first = self._held.get(entry.chain, 0) + 1
        self._held[entry.chain] = entry.sequence
        if digest == entry.digest:
            return None
        between = "it is" if first == entry.sequence else f"entries {first} to {entry.sequence} are"
        return IntegrityViolation(
            entry.chain, first, None, f"{between} not what checkpoint {number} vouches for", checkpoint=number
        )

    def missing(self) -> Iterator[IntegrityViolation]:
        """The chains that end, once all entries were checked, before a checkpoint says: the first entry gone."""
        for chain, marked in self._digests.items():
            there, stated = self._lengths.get(chain, 0), max(marked)
            if there < stated:
                number = min(number for length, (_, number) in marked.items() if length > there)
                gone = f"entries {there + 1} to {stated}" if there + 1 < stated else f"entry {stated}"
                why = f"{gone} of the chain" if there else f"the whole chain, {gone},"
                yield IntegrityViolation(
                    chain,
                    there + 1,
                    None,
                    f"{why} cannot be found; checkpoint {number} vouches",
                    checkpoint=number,
                )
