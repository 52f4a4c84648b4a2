"""The decision ledger in PostgreSQL: decisions that come at the same time share one commit."""

import asyncio
import logging
import random
from collections.abc import Callable, Iterable, Mapping, Sequence
from time import perf_counter

from adapters.persistence.decisions.bulk import record_all_at_once
from adapters.persistence.decisions.chained_writer import (
    REFUSALS,
    Backend,
    ChainedWriter,
    Documented,
    HeldUp,
    NotSent,
)
from adapters.persistence.decisions.claims import CachedClaims, FirstRecord, Place
from adapters.persistence.decisions.commit_queue import CommitQueue, Waiting, apart
from adapters.persistence.decisions.documents import encode
from adapters.persistence.decisions.failed_commits import refused, tell_of, unconfirmed
from application.ports.decisions.decision_ledger import DecisionLedger, LedgerUnavailable
from application.ports.decisions.idempotency import Claim
from domain.decisions.decision_record import DecisionRecord

_log = logging.getLogger(__name__)
_FIRST_PAUSE, _LONGEST_PAUSE = 0.05, 2.0
_LONGEST_LOCK = 0.5
"""Seconds that a batch waits for somebody else's lock before its keys are looked at one by one."""


def _unwatched(decisions: int, seconds: float) -> None:
    """A commit that nobody counts."""


class PostgresDecisionLedger(DecisionLedger):
    """Group commit: while one batch is being committed the next one gathers, and nobody waits on purpose.

    `writers` connections write, each its own chain; one is best on a quick disk. At most `most_waiting` decisions
    wait, `most_a_commit` of them share a commit, and none waits longer than `patience` seconds. While the database
    is away callers are told at once, and the writers keep trying to reach it. `on_commit` hears how many decisions
    shared a commit and how many seconds it took.

    Claims are written in the statement that writes their decisions, and nobody looks beforehand whether one is
    taken: a batch that meets one is told what stands there, and what remains of it is written again.
    """

    def __init__(
        self,
        database_url: str,
        *,
        writers: int = 1,
        most_waiting: int = 4096,
        most_a_commit: int = 256,
        patience: float = 5.0,
        on_commit: Callable[[int, float], None] = _unwatched,
    ) -> None:
        self._database_url = database_url
        self._writers = writers
        self._most_a_commit = most_a_commit
        self._patience = patience
        self._on_commit = on_commit
        self._room = CommitQueue(most_waiting, patience)
        self._claims = CachedClaims()
        self._tasks: list[asyncio.Task[None]] = []
        self._connected = 0

    @property
    def connected(self) -> bool:
        """Whether a writer has a connection to a database that takes writes."""
        return self._connected > 0

    async def open(self) -> None:
        """Start the writers; decisions may come at once and wait for the first connection."""
        self._tasks = [asyncio.create_task(self._serve()) for _ in range(self._writers)]

    async def close(self) -> None:
        """Let nobody in any more, write what waits, and stop; within `patience` seconds."""
        self._room.close()
        if self._tasks:
            _, late = await asyncio.wait(self._tasks, timeout=self._patience)
            for task in late:
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)
        self._room.turn_away("the ledger was closed before this decision was on record")

    async def record_each(
        self, entries: Sequence[tuple[DecisionRecord, Claim | None]]
    ) -> Sequence[DecisionRecord | Exception]:
        """Wait for the commits that put decisions on record, here or, under a claim, elsewhere."""
        outcomes = [self._at_once(record, claim) for record, claim in entries]
        coming = [
            (outcome, claim)
            for outcome, (_, claim) in zip(outcomes, entries, strict=True)
            if isinstance(outcome, tuple)
        ]
        recorded = iter(await self._room.enter(coming) if coming else ())
        return [next(recorded) if isinstance(outcome, tuple) else outcome for outcome in outcomes]

    def _at_once(self, record: DecisionRecord, claim: Claim | None) -> Documented | DecisionRecord | Exception:
        """What is known at once of a decision that is to be recorded; with its document, where nothing is."""
        first = None if claim is None else self._claims.find(claim)
        try:
            return (record, encode(record)) if claim is None or first is None else first.answer(claim)
        except Exception as fault:  # whatever it is, it is told to whom it happens and to nobody else
            return fault

    async def record_all(self, records: Iterable[DecisionRecord]) -> None:
        """Record many decisions on a connection and a chain of their own, past those who wait."""
        await record_all_at_once(self._database_url, records, patience=self._patience)

    async def _serve(self) -> None:
        """One writer: connect, write until the connection is lost, and again, until the ledger is closed."""
        before: Backend | None = None
        while (writer := await self._reach(before)) is not None:
            self._connected += 1
            self._room.welcome()
            try:
                while not writer.lost and await self._room.somebody():
                    if not writer.lost:
                        await self._commit_all(writer, self._room.take(self._most_a_commit))
                        await asyncio.sleep(0)  # who was told answers first: see ADR 0021
            except Exception:  # a fault of ours: whoever comes next must not wait in vain
                _log.exception("a writer failed, and another takes its place")
                writer.abandon()
            finally:
                self._connected -= 1
            if not writer.lost:
                await writer.close()
                return
            _log.warning("lost the connection to the database")
            before = writer.backend

    async def _reach(self, before: Backend | None) -> ChainedWriter | None:
        """A new writer, however long it takes; None when the ledger is closed meanwhile and nobody waits."""
        pause = _FIRST_PAUSE
        lock_timeout = min(_LONGEST_LOCK, self._patience / 4)
        while await self._wanted():
            try:
                return await ChainedWriter.open(
                    self._database_url, timeout=self._patience, lock_timeout=lock_timeout, after=before
                )
            except Exception as fault:  # whatever is wrong with the database, it may pass
                _log.warning("cannot reach the database: %s", type(fault).__name__)
                if not self._connected:
                    self._room.turn_away(f"the database does not answer ({type(fault).__name__})")
                await self._rest(pause * random.uniform(0.5, 1.0))  # noqa: S311 - replicas must not come all at once
                pause = min(2 * pause, _LONGEST_PAUSE)
        return None

    async def _wanted(self) -> bool:
        return not self._room.closed.is_set() or await self._room.somebody()

    async def _rest(self, seconds: float) -> None:
        try:
            await asyncio.wait_for(self._room.closed.wait(), seconds)
        except TimeoutError:
            return

    async def _commit(self, writer: ChainedWriter, batch: list[Waiting]) -> None:
        """Write what is left of a batch: those who gave up meanwhile are left out."""
        await self._commit_all(writer, [waiting for waiting in batch if not waiting.gone])

    async def _commit_all(self, writer: ChainedWriter, batch: list[Waiting]) -> None:
        """Write a batch and let its callers go."""
        if any(waiting.claim for waiting in batch):
            await self._commit_once(writer, batch)
        elif batch:
            await self._commit_together(writer, batch)

    async def _commit_once(self, writer: ChainedWriter, batch: list[Waiting]) -> None:
        """Commit a batch with claims in it: of those that make the same claim only one, and the others then."""
        together, repeats = apart(self._without_known(batch))
        if together:
            await self._commit_together(writer, together)
        if repeats:
            await self._commit(writer, repeats)

    def _without_known(self, batch: list[Waiting]) -> list[Waiting]:
        """Settle the claims that are remembered; the others are left."""
        left = []
        for waiting in batch:
            first = None if waiting.claim is None else self._claims.find(waiting.claim)
            if first is None:
                left.append(waiting)
            else:
                waiting.settle(first)
        return left

    async def _commit_together(self, writer: ChainedWriter, batch: list[Waiting]) -> None:
        began = perf_counter()
        try:
            taken = await _write(writer, batch)
        except HeldUp as fault:
            await self._commit_held_up(writer, batch, fault)
        except (*REFUSALS, NotSent) as fault:
            if len(batch) == 1:
                batch[0].fail(refused(fault))
                return
            for waiting in batch:
                await self._commit(writer, [waiting])
        except BaseException as fault:
            writer.abandon()  # the commit may have happened or not: this chain ends here
            tell_of(fault, len(batch))
            for waiting in batch:
                waiting.fail(unconfirmed(fault))
            if not isinstance(fault, Exception):
                raise
        else:
            if taken is not None:
                self._remember(taken)
                await self._commit(writer, batch)
                return
            self._remember(
                {w.claim.place: FirstRecord(w.claim.fingerprint, w.documented[1]) for w in batch if w.claim}
            )
            for waiting in batch:
                waiting.succeed()
            self._on_commit(len(batch), perf_counter() - began)

    async def _commit_held_up(self, writer: ChainedWriter, batch: list[Waiting], why: HeldUp) -> None:
        """Commit those who make no claim, for as long as they have patience, and the others one by one: only whose
        key is held has to come again.
        """
        if len(batch) == 1 and batch[0].claim:
            batch[0].fail(LedgerUnavailable(str(why)))
            return
        await self._commit(writer, [waiting for waiting in batch if not waiting.claim])
        for waiting in batch:
            if waiting.claim:
                await self._commit(writer, [waiting])

    def _remember(self, firsts: Mapping[Place, FirstRecord]) -> None:
        for place, first in firsts.items():
            self._claims.keep(place, first)


async def _write(writer: ChainedWriter, batch: list[Waiting]) -> Mapping[Place, FirstRecord] | None:
    """Write a batch; what stands in the places that it claims, where some are taken and nothing was written."""
    documented = [waiting.documented for waiting in batch]
    claims = [(waiting.claim, waiting.record.decision_id) for waiting in batch if waiting.claim]
    if claims:
        return await writer.write_claimed(documented, claims)
    await writer.write(documented)
    return None
