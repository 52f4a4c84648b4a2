"""Compares what checkpoints state about chains with the chains themselves."""

from collections.abc import Collection, Iterable, Iterator
from uuid import UUID

from domain.audit.checkpoint import Checkpoint
from domain.audit.entry import AuditEntry, ChainHead, IntegrityViolation


class CheckpointExpectations:
    """The digests that chains must have at certain entries, which also give their minimum lengths.

    All are kept in memory, about 200 bytes each, so that a change can be located between two checkpoints. The
    entries up to the `verified` heads are not checked again.
    """

    def __init__(self, verified: Iterable[ChainHead] = ()) -> None:
        self._digests: dict[UUID, dict[int, tuple[bytes, int]]] = {}
        self._heads = {head.chain: head for head in verified}
        self._verified = {head.chain: head.length for head in self._heads.values()}
        self._lengths = dict(self._verified)

    def heads(self) -> Collection[ChainHead]:
        """The longest head of each chain: verified, or stated by a checkpoint."""
        return self._heads.values()

    def add(self, checkpoint: Checkpoint) -> None:
        """Add what a checkpoint states. Its signature must have been verified."""
        for head in checkpoint.heads:
            known = self._heads.get(head.chain)
            if known is None or head.length >= known.length:
                self._heads[head.chain] = head
            self._digests.setdefault(head.chain, {})[head.length] = (head.digest, checkpoint.number)

    def check(self, entry: AuditEntry) -> IntegrityViolation | None:
        """The violation if a checkpoint covers the next entry of a chain and states another digest."""
        self._lengths[entry.chain] = entry.sequence
        stated = self._digests.get(entry.chain)
        expected = stated and stated.get(entry.sequence)
        if not expected:
            return None
        digest, number = expected
        first = self._verified.get(entry.chain, 0) + 1
        self._verified[entry.chain] = entry.sequence
        if digest == entry.digest:
            return None
        differs = "it does" if first == entry.sequence else f"entries {first} to {entry.sequence} do"
        return IntegrityViolation(
            entry.chain, first, None, f"{differs} not match checkpoint {number}", checkpoint=number
        )

    def missing(self) -> Iterator[IntegrityViolation]:
        """Violations for chains shorter than a checkpoint states. Call this after all entries were checked."""
        for chain, stated in self._digests.items():
            length, expected = self._lengths.get(chain, 0), max(stated)
            if length < expected:
                number = min(number for covered, (_, number) in stated.items() if covered > length)
                missing = f"entries {length + 1} to {expected}" if length + 1 < expected else f"entry {expected}"
                which = f"{missing} of the chain" if length else f"the whole chain, {missing},"
                yield IntegrityViolation(
                    chain,
                    length + 1,
                    None,
                    f"{which} cannot be found; checkpoint {number} covers them",
                    checkpoint=number,
                )
