"""Writing decisions with their audit entries: one connection, one chain, one round trip per batch.

A single statement writes all tables, so that PostgreSQL makes it atomic. A chain belongs to one connection and
ends with it. The last batch sent on a lost connection may or may not have been committed; the chain is valid in
either case because no later entry follows.
"""

import logging
from collections.abc import Mapping, Sequence
from datetime import datetime
from hashlib import sha256
from time import monotonic
from typing import Any, NamedTuple, Self
from uuid import UUID, uuid4

import asyncpg

from adapters.persistence.applications.applicant_histories import FIND_NUMBERS
from adapters.persistence.applications.application_tables import applicant_applications, application_references
from adapters.persistence.database.connections import close_quietly, connect_durably, responds
from adapters.persistence.database.tables import audit_entries, idempotency_keys
from adapters.persistence.decisions.claims import FIND, FirstRecord, Place, claim_columns
from adapters.persistence.decisions.decision_rows import search_values
from adapters.persistence.decisions.recording import ACTION, RECORD, RECORD_UNIQUE
from adapters.persistence.decisions.references import FIND_REFERENCES
from application.ports.decisions.decision_ledger import AlreadyRecorded, HistoryChanged, RecordRefused
from application.ports.decisions.idempotency import Claim
from domain.applications.applicant_history import Applicant
from domain.applications.application_reference import ApplicationReference
from domain.audit.entry import ChainHead
from domain.decisions.decision_record import DecisionRecord

_log = logging.getLogger(__name__)
REFUSALS = (asyncpg.DataError, asyncpg.IntegrityConstraintViolationError, asyncpg.ProgramLimitExceededError)
"""Errors caused by a record, not by the database: nothing was written, and the connection can be used further."""

Documented = tuple[DecisionRecord, bytes]
"""A record and its document."""

_UNIQUE = (idempotency_keys.name, application_references.name, applicant_applications.name)

IDLE_SECONDS = 5.0
"""After this time without a commit, a connection is checked before the next one."""

_SET_LOCK_TIMEOUT = "SELECT set_config('lock_timeout', $1, false)"
_BACKEND = "SELECT pid, backend_start AS since FROM pg_stat_activity WHERE pid = pg_backend_pid()"
_TERMINATE = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid = $1 AND backend_start = $2"


class LockTimeout(Exception):
    """Another transaction holds a lock that the batch needs, such as one of its keys or references.

    Nothing was written, and the connection can be used further.
    """


class PreparationFailed(Exception):
    """The batch could not be encoded; nothing was sent. The cause is the original exception."""


class Existing(NamedTuple):
    """What is recorded already.

    The first decisions of claims, the rows of references (FIND_REFERENCES), and the last numbers of applicants.
    """

    claims: Mapping[Place, FirstRecord]
    references: Mapping[ApplicationReference, Mapping[str, Any]]
    numbers: Mapping[Applicant, int]


class Backend(NamedTuple):
    """A server process: its process ID and its start. It may outlive the connection that it serves."""

    pid: int
    since: datetime


def record_refused(fault: Exception) -> RecordRefused | HistoryChanged:
    """The exception for the caller whose record the database refused."""
    if isinstance(fault, asyncpg.UniqueViolationError) and fault.table_name == applicant_applications.name:
        return HistoryChanged("another application of the applicant was recorded meanwhile")
    if isinstance(fault, asyncpg.UniqueViolationError):
        return AlreadyRecorded("a decision with this identifier is recorded already")
    return RecordRefused(f"the database cannot store this record ({type(fault).__name__})")


def link(head: ChainHead, batch: Sequence[Documented]) -> tuple[list[Any], ChainHead]:
    """The arguments of RECORD for records that follow the chain's head, and the new head."""
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
        search_values([record for record, _ in batch]),
        b"".join(contents),
        b"".join(digests),
    ]
    return [*arguments, before.chain, before.length, before.digest], head


def _columns(pairs: Sequence[tuple[str, str]]) -> tuple[list[str], list[str]]:
    return [first for first, _ in pairs], [second for _, second in pairs]


class ChainedWriter:
    """One connection and the chain it writes; `backend` is the server process of the connection."""

    def __init__(self, connection: Any, statement: Any, backend: Backend) -> None:
        self._connection = connection
        self._statement = statement
        self._head = ChainHead(uuid4())
        self._used_at = monotonic()
        self.backend = backend

    @classmethod
    async def open(
        cls,
        database_url: str,
        *,
        timeout: float,  # noqa: ASYNC109 - the driver's own limit
        lock_timeout: float,
        predecessor: Backend | None = None,
    ) -> Self:
        """Connect. Each statement may take `timeout` seconds, and wait for a lock `lock_timeout` seconds.

        The server process of the `predecessor` is terminated: a server does not notice on its own that a
        connection was given up, and would continue its last statement for as long as it takes.
        """
        connection = await connect_durably(database_url, timeout=timeout)
        try:
            if predecessor is not None:
                await connection.execute(_TERMINATE, *predecessor)
            await connection.execute(_SET_LOCK_TIMEOUT, f"{lock_timeout * 1000:.0f}ms")
            statement = await connection.prepare(RECORD)
            # This query also releases the locks taken by the preparation.
            backend = Backend(*await connection.fetchrow(_BACKEND))
            return cls(connection, statement, backend)
        except BaseException:
            connection.terminate()
            raise

    @property
    def lost(self) -> bool:
        """Whether the connection is closed."""
        return bool(self._connection.is_closed())

    async def is_usable(self) -> bool:
        """Whether the connection is open and, if it was idle, the server answers.

        Nothing was sent yet, so that what is to be written can be written on another connection.
        """
        if not self.lost and monotonic() - self._used_at > IDLE_SECONDS and await responds(self._connection):
            self._used_at = monotonic()
        return not self.lost

    async def write(
        self,
        batch: Sequence[Documented],
        claims: Sequence[tuple[Claim, UUID]] = (),
        references: Sequence[ApplicationReference] = (),
        applicants: Sequence[Applicant] = (),
    ) -> Existing | None:
        """Record a batch with its claims and references in one transaction; durable if this returns None.

        No two claims have the same place, and no two records the same reference or applicant. Where some exist
        already nothing is written, and what they stand for is returned. Raises LockTimeout, PreparationFailed, one
        of REFUSALS, and the driver's exceptions.
        """
        try:
            arguments, head = link(self._head, batch)
        except Exception as fault:
            raise PreparationFailed("the batch could not be encoded") from fault
        try:
            if claims or references or applicants:
                # The driver prepares it on first use; two prepared in `open` would hold their locks until then.
                await self._connection.fetch(RECORD_UNIQUE, *arguments, *claim_columns(claims))
            else:
                await self._statement.fetch(*arguments)
        except asyncpg.LockNotAvailableError as fault:
            raise LockTimeout("another transaction holds a lock that the batch needs") from fault
        except asyncpg.UniqueViolationError as fault:
            if fault.table_name in _UNIQUE:
                return await self._existing(claims, references, applicants)
            if fault.table_name != audit_entries.name:
                raise
            self._start_new_chain()
            return await self.write(batch, claims, references, applicants)
        self._head = head
        self._used_at = monotonic()
        return None

    def _start_new_chain(self) -> None:
        """Continue on a new chain because another writer added an entry to this one.

        Nothing of the batch was written. Without this, one foreign row in a chain would stop all recording by this
        process.
        """
        _log.error(
            "audit chain %s has an entry %d that this process did not write; recording continues on a new chain. "
            "Find out who can write to the database, and run `scoring audit verify`.",
            self._head.chain,
            self._head.length + 1,
        )
        self._head = ChainHead(uuid4())

    async def _existing(
        self,
        claims: Sequence[tuple[Claim, UUID]],
        references: Sequence[ApplicationReference],
        applicants: Sequence[Applicant],
    ) -> Existing:
        places = [claim.place for claim, _ in claims]
        claimed = await self._connection.fetch(FIND, *_columns(places))
        taken = await self._connection.fetch(FIND_REFERENCES, *_columns(references))
        pairs = [(applicant.reference, applicant.product) for applicant in applicants]
        numbered = await self._connection.fetch(FIND_NUMBERS, *_columns(pairs))
        return Existing(
            {(row["actor"], row["key"]): FirstRecord.of(row) for row in claimed},
            {ApplicationReference(row["scope"], row["reference"]): row for row in taken},
            {Applicant(row["reference"], row["product"]): row["number"] for row in numbered},
        )

    def abandon(self) -> None:
        """Cut the connection; it is unknown whether the last batch was committed."""
        self._connection.terminate()

    async def close(self) -> None:
        """Close the connection."""
        await close_quietly(self._connection)
