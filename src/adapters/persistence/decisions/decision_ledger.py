"""The decision ledger in PostgreSQL, with group commit: decisions that arrive together share a transaction."""

import asyncio
import logging
import random
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from math import inf
from time import perf_counter

from adapters.persistence.decisions.bulk import record_all_in_one_transaction
from adapters.persistence.decisions.chained_writer import (
    REFUSALS,
    Backend,
    ChainedWriter,
    Documented,
    Existing,
    LockTimeout,
    PreparationFailed,
)
from adapters.persistence.decisions.claims import CachedClaims, FirstRecord
from adapters.persistence.decisions.commit_queue import CommitQueue, PendingDecision, split_repeated
from adapters.persistence.decisions.commit_tracing import CommitTracer, trace_commit
from adapters.persistence.decisions.documents import encode
from adapters.persistence.decisions.failed_commits import commit_failure, log_failed_commit, record_failure
from adapters.persistence.decisions.references import reference_taken
from adapters.persistence.documents.unreadable_documents import UnreadableDocuments
from application.ports.decisions.decision_ledger import (
    DecisionLedger,
    HistoryChanged,
    KeyHeld,
    LedgerUnavailable,
)
from application.ports.decisions.idempotency import Claim
from domain.decisions.decision_record import DecisionRecord

_log = logging.getLogger(__name__)
_MIN_BACKOFF, _MAX_BACKOFF = 0.05, 2.0
_MAX_LOCK_TIMEOUT = 0.5
"""Seconds that a batch waits for a lock other than of keys and references (`recording.KEY_LOCK_TIMEOUT`)."""
_FIRST_RETRY, _KEY_RETRIES = 0.02, 5
"""A single decision whose key or reference is held is tried again after 20, 40, 80, 160 and 320 ms."""

Batch = list[PendingDecision]


def _ignore(waited: Sequence[float], seconds: float) -> None:
    """Discard the measurements of a commit."""


class PostgresDecisionLedger(DecisionLedger):
    """Group commit: while one batch is being committed the next one gathers; no batch is delayed on purpose.

    Each of `writers` connections writes a chain of its own; one is best on a fast disk. At most `max_pending`
    decisions wait, at most `max_batch` of them share a commit, and none waits longer than `timeout` seconds. While
    the database is unavailable decisions are rejected immediately and the writers keep trying to connect.
    `on_commit` receives how long each decision of a commit waited, and the duration of the commit, in seconds;
    `tracer` is given the span of each commit, `unreadable` each first decision that cannot be read.

    A batch is written with its claims and references in one statement, without looking them up first. Where one
    exists already nothing is written; its decision is resolved and the rest is written again. Where another
    transaction holds a key or a reference, the batch is divided until its decision is on its own.
    """

    def __init__(
        self,
        database_url: str,
        *,
        writers: int = 1,
        max_pending: int = 4096,
        max_batch: int = 256,
        timeout: float = 5.0,
        on_commit: Callable[[Sequence[float], float], None] = _ignore,
        tracer: CommitTracer | None = None,
        unreadable: UnreadableDocuments | None = None,
    ) -> None:
        self._database_url = database_url
        self._writers = writers
        self._max_batch = max_batch
        self._timeout = timeout
        self._on_commit = on_commit
        self._tracer = tracer
        self._queue = CommitQueue(max_pending, timeout)
        self._unreadable = unreadable or UnreadableDocuments()
        self._claims = CachedClaims(self._unreadable)
        self._tasks: list[asyncio.Task[None]] = []
        self._connected = 0

    @property
    def connected(self) -> bool:
        """Whether a writer has a connection to a database that accepts writes."""
        return self._connected > 0

    @property
    def pending(self) -> int:
        """The number of decisions that wait for a commit."""
        return len(self._queue)

    async def open(self) -> None:
        """Start the writers; decisions may be submitted immediately and wait for the first connection."""
        self._tasks = [asyncio.create_task(self._run_writer()) for _ in range(self._writers)]

    async def close(self) -> None:
        """Accept no further decisions, commit those in the queue, and stop; within `timeout` seconds."""
        self._queue.close()
        if self._tasks:
            _, late = await asyncio.wait(self._tasks, timeout=self._timeout)
            for task in late:
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)
        self._queue.reject_all("the ledger was closed before this decision was recorded")

    async def record_each(
        self, entries: Sequence[tuple[DecisionRecord, Claim | None]]
    ) -> Sequence[DecisionRecord | Exception]:
        """Record decisions, and wait for their commits."""
        prepared = [self._prepare(record, claim) for record, claim in entries]
        submitted = [
            (each, claim) for each, (_, claim) in zip(prepared, entries, strict=True) if isinstance(each, tuple)
        ]
        origin = None if self._tracer is None else self._tracer.commit_origin()
        recorded = iter(await self._queue.submit(submitted, origin) if submitted else ())
        return [next(recorded) if isinstance(each, tuple) else each for each in prepared]

    def _prepare(self, record: DecisionRecord, claim: Claim | None) -> Documented | DecisionRecord | Exception:
        """The record with its document, or its outcome where that is known without a commit."""
        first = None if claim is None else self._claims.answer(claim)
        if first is not None:
            return first
        try:
            return record, encode(record)
        except Exception as fault:  # the outcome of this decision alone
            return fault

    async def record_all(self, records: Iterable[DecisionRecord]) -> None:
        """Record many decisions in one transaction, on a connection and a chain of their own."""
        await record_all_in_one_transaction(self._database_url, records, timeout=self._timeout)

    async def _run_writer(self) -> None:
        """Connect and write until the connection is lost, and again, until the ledger is closed."""
        predecessor: Backend | None = None
        while (writer := await self._connect(predecessor)) is not None:
            self._connected += 1
            self._queue.resume()
            try:
                while not writer.lost and await self._queue.wait_nonempty():
                    if await writer.is_usable():
                        await self._commit(writer, self._queue.take(self._max_batch))
                        await asyncio.sleep(0)  # callers respond before the next batch is sent: see ADR 0021
            except Exception:  # a defect of this class: the next decisions must not wait in vain
                _log.exception("a ledger writer failed and is replaced")
                writer.abandon()
            finally:
                self._connected -= 1
            if not writer.lost:
                await writer.close()
                return
            _log.warning("lost the connection to the database")
            predecessor = writer.backend

    async def _connect(self, predecessor: Backend | None) -> ChainedWriter | None:
        """A new writer, however long it takes; None once the ledger is closed and no decision waits."""
        backoff = _MIN_BACKOFF
        lock_timeout = min(_MAX_LOCK_TIMEOUT, self._timeout / 4)
        while not self._queue.closed.is_set() or await self._queue.wait_nonempty():
            try:
                return await ChainedWriter.open(
                    self._database_url, timeout=self._timeout, lock_timeout=lock_timeout, predecessor=predecessor
                )
            except Exception as fault:  # any fault of the database may be temporary
                _log.warning("cannot connect to the database: %s", type(fault).__name__)
                if not self._connected:
                    self._queue.reject_all(f"the database does not answer ({type(fault).__name__})")
                await self._sleep(backoff * random.uniform(0.5, 1.0))  # noqa: S311 - spreads the replicas' attempts
                backoff = min(2 * backoff, _MAX_BACKOFF)
        return None

    async def _sleep(self, seconds: float) -> None:
        """Sleep, but not beyond the closing of the ledger."""
        try:
            await asyncio.wait_for(self._queue.closed.wait(), seconds)
        except TimeoutError:
            return

    async def _commit(self, writer: ChainedWriter, batch: Batch) -> None:
        """Commit a batch, in parts where it cannot be written as a whole."""
        parts = deque([batch])
        while parts:
            part, repeated = split_repeated(self._without_known_claims(parts.popleft()))
            if repeated:
                parts.appendleft(repeated)
            if part:
                parts.extendleft(reversed(await self._commit_part(writer, part)))

    def _without_known_claims(self, batch: Batch) -> Batch:
        """Resolve the decisions whose claim is cached; those that still wait for a commit are left."""
        left = []
        for pending in batch:
            if pending.is_resolved:
                continue
            first = None if pending.claim is None else self._claims.answer(pending.claim)
            if first is None:
                left.append(pending)
            else:
                pending.replay(first)
        return left

    async def _commit_part(self, writer: ChainedWriter, batch: Batch) -> Sequence[Batch]:
        """Commit decisions in one transaction; returns what is left to be tried, in smaller parts."""
        began = perf_counter()
        try:
            existing = await writer.write(
                [pending.documented for pending in batch],
                [(pending.claim, pending.record.decision_id) for pending in batch if pending.claim],
                [pending.reference for pending in batch if pending.reference],
                [pending.applicant for pending in batch if pending.applicant],
            )
        except LockTimeout:
            return self._divide_held(batch)
        except (*REFUSALS, PreparationFailed) as fault:
            if len(batch) > 1:
                return [[pending] for pending in batch]
            batch[0].fail(record_failure(fault))
            return ()
        except BaseException as fault:
            writer.abandon()  # it is unknown whether the transaction was committed: this chain ends here
            log_failed_commit(fault, len(batch))
            trace_commit(self._tracer, batch, began, type(fault).__name__)
            for pending in batch:
                pending.fail(commit_failure(fault))
            if not isinstance(fault, Exception):
                raise
            return ()
        if existing is not None:
            self._resolve(batch, existing)
            return (batch,)
        for pending in batch:
            if pending.claim:
                first = FirstRecord(pending.claim.fingerprint, pending.record.decision_id, pending.documented[1])
                self._claims.keep(pending.claim.place, first)
            pending.succeed()
        self._on_commit([began - pending.submission.submitted_at for pending in batch], perf_counter() - began)
        trace_commit(self._tracer, batch, began)
        return ()

    def _resolve(self, batch: Batch, existing: Existing) -> None:
        """Resolve the decisions whose reference or number is taken; cache the claims, which `_commit` resolves."""
        for place, first in existing.claims.items():
            self._claims.keep(place, first)
        for pending in batch:
            if pending.claim and pending.claim.place in existing.claims:
                continue
            taken = existing.references.get(pending.reference) if pending.reference else None
            last = existing.numbers.get(pending.applicant, 0) if pending.applicant else 0
            if taken is not None:
                pending.fail(reference_taken(taken, self._unreadable))
            elif (pending.record.applicant_number or inf) <= last:
                pending.fail(HistoryChanged("another application of the applicant was recorded meanwhile"))

    def _divide_held(self, batch: Batch) -> Sequence[Batch]:
        """Parts of a batch that waited too long for a lock.

        The decisions with neither a claim nor a reference are tried again together; the others are divided in
        halves, until the decision whose key or reference is held is on its own.
        """
        unique = [pending for pending in batch if pending.is_unique]
        if len(unique) < len(batch):
            return [[pending for pending in batch if not pending.is_unique], unique]
        if len(batch) > 1:
            middle = len(batch) // 2
            return [batch[:middle], batch[middle:]]
        (pending,) = batch
        if pending.submission.size > 1:
            pending.fail(KeyHeld("another transaction holds the idempotency key or the reference"))
        elif pending.deferrals < _KEY_RETRIES:
            self._queue.defer(pending, _FIRST_RETRY * 2**pending.deferrals)
        else:
            pending.fail(LedgerUnavailable("another request with this key or reference is in progress"))
        return ()
