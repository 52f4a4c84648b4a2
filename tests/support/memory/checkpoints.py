"""Checkpoints in memory."""

from collections.abc import AsyncIterator
from uuid import UUID

from application.ports.audit.audit_trail import AuditTrail
from application.ports.audit.checkpoints import Checkpoints, CheckpointTaken
from domain.audit.checkpoint import SignedCheckpoint
from domain.audit.entry import ChainHead


class MemoryCheckpoints(Checkpoints):
    """Checkpoints of the chains of an audit trail."""

    def __init__(self, trail: AuditTrail) -> None:
        self._trail = trail
        self._kept: list[SignedCheckpoint] = []

    async def last(self) -> SignedCheckpoint | None:
        return self._kept[-1] if self._kept else None

    async def uncheckpointed_heads(self) -> tuple[ChainHead, ...]:
        stated = {head.chain: head.length for signed in self._kept for head in signed.checkpoint.heads}
        return tuple(head for head in await self.chain_heads() if head.length > stated.get(head.chain, 0))

    async def chain_heads(self) -> tuple[ChainHead, ...]:
        heads: dict[UUID, ChainHead] = {}
        async for entry, _ in self._trail.entries():
            if entry.sequence == heads.get(entry.chain, ChainHead(entry.chain)).length + 1:
                heads[entry.chain] = ChainHead(entry.chain, entry.sequence, entry.digest)
        return tuple(heads.values())

    async def heads_at(self, number: int) -> tuple[ChainHead, ...]:
        heads: dict[UUID, ChainHead] = {}
        for signed in self._kept[:number]:
            for head in signed.checkpoint.heads:
                if head.length >= heads.get(head.chain, ChainHead(head.chain)).length:
                    heads[head.chain] = head
        return tuple(heads.values())

    async def add(self, signed: SignedCheckpoint) -> None:
        if signed.checkpoint.number <= len(self._kept):
            raise CheckpointTaken(f"checkpoint {signed.checkpoint.number} already exists")
        self._kept.append(signed)

    async def all(self, *, after: int = 0) -> AsyncIterator[SignedCheckpoint]:
        for signed in self._kept:
            if signed.checkpoint.number > after:
                yield signed
