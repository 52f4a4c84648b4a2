"""Writing decisions with their audit entries: one connection, one chain, one round trip a batch.

Both tables are written by a single statement, so that PostgreSQL itself makes it all or nothing. A chain belongs
to one connection and ends with it. What a lost connection was last asked may or may not have been committed, and
a chain that nobody goes on with is whole either way.
"""

import logging
from collections.abc import Mapping, Sequence
from datetime import datetime
from hashlib import sha256
from typing import Any, NamedTuple, Self
from uuid import UUID, uuid4

import asyncpg

from adapters.persistence.database.connections import connect_durably, leave
from adapters.persistence.database.tables import audit_entries, idempotency_keys
from adapters.persistence.decisions.claims import FIND, FirstRecord, Place, claim_rows
from adapters.persistence.decisions.decision_rows import searched
from adapters.persistence.decisions.recording import ACTION, RECORD, RECORD_CLAIMED
from application.ports.decisions.decision_ledger import AlreadyRecorded, RecordRefused
from application.ports.decisions.idempotency import Claim
from domain.audit.entry import ChainHead
from domain.decisions.decision_record import DecisionRecord

_log = logging.getLogger(__name__)
REFUSALS = (asyncpg.DataError, asyncpg.IntegrityConstraintViolationError, asyncpg.ProgramLimitExceededError)
"""Errors that lie in a record, not in the database: nothing was written, and the connection is still good."""

Documented = tuple[DecisionRecord, bytes]
"""A record and its document."""

_LIMITS = "SELECT set_config('lock_timeout', $1, false)"
_BACKEND = "SELECT pid, backend_start AS since FROM pg_stat_activity WHERE pid = pg_backend_pid()"
_END = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid = $1 AND backend_start = $2"


class HeldUp(Exception):
    """Somebody else holds what the batch needs, perhaps one of its keys: nothing was written, and the connection
    is still good.
    """


class NotSent(Exception):
    """The batch could not be made ready; the cause says why. Nothing was sent, the connection is still good."""


class Backend(NamedTuple):
    """A process of the server's, which may be at work when its connection is gone: its number, and since when."""

    pid: int
    since: datetime


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
        documents.append(document)
        contents.append(content_digest)
        digests.append(head.digest)
    arguments = [
        b"\n".join(documents).decode(),
        searched([record for record, _ in batch]),
        b"".join(contents),
        b"".join(digests),
    ]
    return [*arguments, before.chain, before.length, before.digest], head


class ChainedWriter:
    """One connection and the chain it writes; `backend` is what serves it."""

    def __init__(self, connection: Any, statement: Any, backend: Backend) -> None:
        self._connection = connection
        self._statement = statement
        self._head = ChainHead(uuid4())
        self.backend = backend

    @classmethod
    async def open(
        cls,
        database_url: str,
        *,
        timeout: float,  # noqa: ASYNC109 - the driver's own limit
        lock_timeout: float,
        after: Backend | None = None,
    ) -> Self:
        """A writer ready to write; each of its steps is given up after `timeout` seconds.

        A batch that waits `lock_timeout` seconds for a lock is held up. What still serves the writer `after` which
        this one comes is ended: a server does not notice by itself that a connection was given up, and holds what
        was asked last for as long as it takes.
        """
        connection = await connect_durably(database_url, timeout=timeout)
        try:
            if after is not None:
                await connection.execute(_END, *after)
            await connection.execute(_LIMITS, f"{lock_timeout * 1000:.0f}ms")
            statement = await connection.prepare(RECORD)
            # Also ends what preparing began: until then its locks would be held.
            backend = Backend(*await connection.fetchrow(_BACKEND))
            return cls(connection, statement, backend)
        except BaseException:
            connection.terminate()
            raise

    @property
    def lost(self) -> bool:
        """Whether the connection is gone."""
        return bool(self._connection.is_closed())

    async def write(self, batch: Sequence[Documented]) -> None:
        """Record a batch in one transaction; durable when this returns. The chain goes on only then.

        Raises HeldUp, NotSent, one of REFUSALS, and whatever the driver says of a connection that failed.
        """
        arguments, head = self._linked(batch)
        try:
            await self._statement.fetch(*arguments)
        except asyncpg.LockNotAvailableError as fault:
            raise HeldUp("the database is held up") from fault
        except asyncpg.UniqueViolationError as fault:
            self._leave_occupied_chain(fault)
            await self.write(batch)
            return
        self._head = head

    async def write_claimed(
        self, batch: Sequence[Documented], claims: Sequence[tuple[Claim, UUID]]
    ) -> Mapping[Place, FirstRecord] | None:
        """Record a batch with the claims on some of it, as `write` does; of each place there must be one claim.

        None when it is done. Where a place is taken already nothing is written, and what stands in the places that
        are taken is given back.
        """
        arguments, head = self._linked(batch)
        try:
            # The driver keeps it prepared; two prepared ahead would hold their locks until the first is used.
            await self._connection.fetch(RECORD_CLAIMED, *arguments, *zip(*claim_rows(claims), strict=True))
        except asyncpg.UniqueViolationError as fault:
            if fault.table_name != idempotency_keys.name:
                self._leave_occupied_chain(fault)
                return await self.write_claimed(batch, claims)
            return await self._firsts(claims)
        except asyncpg.LockNotAvailableError as fault:
            raise HeldUp("the key stands for a request that is under way elsewhere") from fault
        self._head = head
        return None

    def _leave_occupied_chain(self, fault: asyncpg.UniqueViolationError) -> None:
        """Continue on a new chain where another writer put an entry on ours, else raise the fault again.

        Nothing of the batch was written. Without this, one row added to a chain would end it, and with it this
        process's recording.
        """
        if fault.table_name != audit_entries.name:
            raise fault
        _log.error(
            "audit chain %s has an entry %d that this process did not write; recording continues on a new chain. "
            "Find out who can write to the database, and run `scoring audit verify`.",
            self._head.chain,
            self._head.length + 1,
        )
        self._head = ChainHead(uuid4())

    def _linked(self, batch: Sequence[Documented]) -> tuple[list[Any], ChainHead]:
        try:
            return link(self._head, batch)
        except Exception as fault:
            raise NotSent("the batch could not be made ready") from fault

    async def _firsts(self, claims: Sequence[tuple[Claim, UUID]]) -> Mapping[Place, FirstRecord]:
        actors, keys = zip(*(claim.place for claim, _ in claims), strict=True)
        rows = await self._connection.fetch(FIND, actors, keys)
        return {(row["actor"], row["key"]): FirstRecord.of(row) for row in rows}

    def abandon(self) -> None:
        """Cut the connection: what it was last asked may have been committed or not."""
        self._connection.terminate()

    async def close(self) -> None:
        """Take leave of the server."""
        await leave(self._connection)
