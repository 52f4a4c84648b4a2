"""Writing decisions with their audit entries: one connection, one chain, one round trip a batch.

Both tables are written by a single statement, so that PostgreSQL itself makes it all or nothing. A chain belongs
to one connection and ends with it. What a lost connection was last asked may or may not have been committed, and
a chain that nobody goes on with is whole either way.
"""

from collections.abc import Mapping, Sequence
from hashlib import sha256
from typing import Any, Self
from uuid import UUID, uuid4

import asyncpg

from adapters.persistence.claims import FIND, FirstRecord, Place, claim_rows
from adapters.persistence.connections import connect_durably
from adapters.persistence.decision_rows import searched
from adapters.persistence.recording import ACTION, RECORD, RECORD_CLAIMED
from adapters.persistence.tables import idempotency_keys
from application.ports.decision_ledger import AlreadyRecorded, RecordRefused
from application.ports.idempotency import Claim
from domain.audit.entry import ChainHead
from domain.policy.decision_record import DecisionRecord

REFUSALS = (asyncpg.DataError, asyncpg.IntegrityConstraintViolationError, asyncpg.ProgramLimitExceededError)
"""Errors that lie in a record, not in the database: nothing was written, and the connection is still good."""

Documented = tuple[DecisionRecord, bytes]
"""A record and its document."""


def refusal(fault: Exception) -> RecordRefused:
    """What to tell the caller whose record was refused."""
    if isinstance(fault, asyncpg.UniqueViolationError):
        return AlreadyRecorded("a decision of this identifier is on record already")
    return RecordRefused(f"the database cannot hold this record ({type(fault).__name__})")


def link(head: ChainHead, batch: Sequence[Documented]) -> tuple[list[Any], ChainHead]:
    """The arguments of RECORD for records chained behind the head, and the head after them."""
    before, documents, contents, digests = head, [], [], []
    for record, document in batch:
        content_digest = sha256(document).digest()
        head = head.after(
            at=record.decided_at,
            actor=record.requested_by.name,
            action=ACTION,
            subject=record.decision_id,
            content_digest=content_digest,
        )
        documents.append(document.decode())
        contents.append(content_digest)
        digests.append(head.digest)
    arguments = [documents, searched(record for record, _ in batch), b"".join(contents), b"".join(digests)]
    return [*arguments, before.chain, before.length, before.digest], head


class ChainedWriter:
    """One connection and the chain it writes."""

    def __init__(self, connection: Any, statement: Any) -> None:
        self._connection = connection
        self._statement = statement
        self._head = ChainHead(uuid4())

    @classmethod
    async def open(cls, database_url: str, *, timeout: float) -> Self:  # noqa: ASYNC109 - the driver's own limit
        """A writer ready to write; each of its steps is given up after `timeout` seconds."""
        connection = await connect_durably(database_url, timeout=timeout)
        try:
            statement = await connection.prepare(RECORD)
            await connection.execute("SELECT")  # ends what preparing began: until then its locks would be held
            return cls(connection, statement)
        except BaseException:
            connection.terminate()
            raise

    @property
    def lost(self) -> bool:
        """Whether the connection is gone."""
        return bool(self._connection.is_closed())

    async def write(self, batch: Sequence[Documented]) -> None:
        """Record a batch in one transaction; durable when this returns. The chain goes on only then."""
        arguments, head = link(self._head, batch)
        await self._statement.fetch(*arguments)
        self._head = head

    async def write_claimed(
        self, batch: Sequence[Documented], claims: Sequence[tuple[Claim, UUID]]
    ) -> Mapping[Place, FirstRecord] | None:
        """Record a batch with the claims on some of it, as `write` does; of each place there must be one claim.

        None when it is done. Where a place is taken already nothing is written, and what stands in the places that
        are taken is given back.
        """
        arguments, head = link(self._head, batch)
        try:
            # The driver keeps it prepared; two prepared ahead would hold their locks until the first is used.
            await self._connection.fetch(RECORD_CLAIMED, *arguments, *zip(*claim_rows(claims), strict=True))
        except asyncpg.UniqueViolationError as fault:
            if fault.table_name != idempotency_keys.name:
                raise
            return await self._firsts(claims)
        self._head = head
        return None

    async def _firsts(self, claims: Sequence[tuple[Claim, UUID]]) -> Mapping[Place, FirstRecord]:
        actors, keys = zip(*(claim.place for claim, _ in claims), strict=True)
        rows = await self._connection.fetch(FIND, actors, keys)
        return {(row["actor"], row["key"]): FirstRecord.of(row) for row in rows}

    def abandon(self) -> None:
        """Cut the connection: what it was last asked may have been committed or not."""
        self._connection.terminate()

    async def close(self) -> None:
        """Take leave of the server."""
        if not self.lost:
            await self._connection.close(timeout=2)
