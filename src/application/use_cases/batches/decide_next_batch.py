"""Decide the next batch: lease it, continue where it was left, and finish it."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import aclosing, asynccontextmanager, suppress
from dataclasses import dataclass, replace
from functools import partial
from itertools import chain, repeat

from application.ports.batches.batch_work import BatchWork, DecidedChunk, Lease, LeaseLost
from application.ports.batches.portfolio_files import PortfolioFiles, PortfolioLines, PortfolioUnreadable
from application.ports.decisions.decision_ledger import RecordRefused
from application.ports.operations.clock import Clock
from application.ports.operations.dependencies import DependencyUnavailable
from application.ports.policies.policy_in_force import PolicyInForce
from application.use_cases.batches.ordered_concurrent_map import ordered_concurrent_map
from application.use_cases.batches.prefetching_decider import PrefetchingDecider, PreparedChunk, record_prepared
from domain.access.user import Permission
from domain.batches.batch import Batch, every_row_rejected
from domain.policies.scoring_policy import ScoringPolicy

CHANNEL = "batch"
MAX_ATTEMPTS = 5
"""Leases without a recorded chunk after which a batch fails, because it may be what terminates workers."""

_log = logging.getLogger(__name__)


class _Stopped(Exception):
    """The worker is to stop before the chunk is recorded."""


@dataclass(frozen=True, slots=True)
class Tools:
    """The adapters that decide on a batch, by one policy."""

    files: PortfolioFiles
    lines: PortfolioLines
    ahead: PrefetchingDecider


@dataclass(frozen=True, slots=True)
class _EncodedChunk:
    """A decided chunk with its results and errors as lines of CSV, after a `header` or not."""

    prepared: PreparedChunk
    header: bool
    results: bytes
    errors: bytes


async def _encode(lines: PortfolioLines, headers: Iterator[bool], prepared: PreparedChunk) -> _EncodedChunk:
    return await asyncio.to_thread(_encoded, lines, prepared, header=next(headers))


def _encoded(lines: PortfolioLines, prepared: PreparedChunk, *, header: bool) -> _EncodedChunk:
    results = lines.results(prepared.results(), header=header)
    return _EncodedChunk(prepared, header, results, lines.errors(prepared.chunk.refused, header=header))


@dataclass(frozen=True, slots=True)
class DecideNextBatch:
    """Decides one batch. Any number of workers, on any number of machines, may do this concurrently.

    One policy decides on everything that is done under one lease. `tools` may be slow to create for a policy, so
    it is called on a thread, and only when there is a batch. A batch interrupted by an unavailable dependency
    waits `retry_delay_seconds`, so that one that is too large for this worker's disk does not block those behind
    it.
    """

    work: BatchWork
    tools: Callable[[ScoringPolicy], Tools]
    policy: PolicyInForce
    clock: Clock
    retry_delay_seconds: float = 5.0

    async def __call__(self, *, stopping: Callable[[], bool]) -> Batch | None:
        """Decide one batch and return it; None if there is none.

        Before each chunk `stopping` is called; if it returns True, the batch is released for another worker.
        Nothing more is done with a batch whose lease was lost. Raises DependencyUnavailable; the batch is then
        released, or its lease expires.
        """
        policy = self.policy()
        lease = await self.work.lease_next(self.clock.now())
        if lease is None:
            return None
        try:
            async with self._renewed(lease):
                return await self._decide(lease, policy, stopping)
        except LeaseLost:
            _log.info("batch %s was cancelled or taken over", lease.batch.batch_id)
            return lease.batch
        except DependencyUnavailable:
            with suppress(DependencyUnavailable, LeaseLost):
                await self.work.release(lease, retry_delay_seconds=self.retry_delay_seconds)
            raise

    async def _decide(self, lease: Lease, policy: ScoringPolicy, stopping: Callable[[], bool]) -> Batch:
        if lease.attempts > MAX_ATTEMPTS:
            return await self._fail(lease, f"failed after {MAX_ATTEMPTS} attempts without progress")
        batch = lease.batch
        if not batch.requested_by.may(Permission.SUBMIT_BATCHES):  # queued before the role lost the permission
            role = batch.requested_by.role.value
            fault = f"a user with the role {role} may no longer submit batches: submit the file as another user"
            return await self._fail(lease, fault)
        tools = await asyncio.to_thread(self.tools, policy)
        try:
            async with tools.files.open(
                self.work.content(lease),
                after_row=batch.progress.rows_read,
                conventions=batch.conventions,
                keep=batch.keep,
            ) as portfolio:
                first_refusal = ""
                prepared = tools.ahead(
                    portfolio, by=batch.requested_by, received_through=CHANNEL, trial=batch.trial
                )
                headers = chain(
                    [batch.progress.chunks == 0], repeat(False)
                )  # only for the first chunk of the batch
                encode = partial(_encode, tools.lines, headers)
                async with aclosing(ordered_concurrent_map(prepared, encode)) as chunks:
                    async for chunk in chunks:
                        recorded = await self._record(lease, chunk, tools.lines, stopping)
                        if recorded is None:
                            await self.work.release(lease)
                            return lease.batch.release()
                        lease = recorded
                        first_refusal = first_refusal or chunk.prepared.chunk.first_refusal
                lease = replace(lease, batch=lease.batch.remarked(portfolio.notices))
        except (PortfolioUnreadable, RecordRefused) as fault:
            return await self._fail(lease, str(fault))
        if lease.batch.progress.all_refused:
            return await self._fail(lease, every_row_rejected(lease.batch.progress.rows_read, first_refusal))
        done = lease.batch.complete(self.clock.now())
        await self.work.end(lease, done)
        return done

    async def _record(
        self, lease: Lease, chunk: _EncodedChunk, lines: PortfolioLines, stopping: Callable[[], bool]
    ) -> Lease | None:
        """Record the chunk; None if the worker is to stop before."""

        async def check() -> None:
            if stopping():
                raise _Stopped

        async def before_each() -> None:
            await check()
            await self.work.renew(lease)  # a batch that was cancelled or taken over supersedes nothing more

        async def record(prepared: PreparedChunk) -> Lease:
            encoded = chunk
            if prepared is not chunk.prepared:  # it was decided again
                encoded = await asyncio.to_thread(_encoded, lines, prepared, header=chunk.header)
            read = prepared.chunk
            progress = lease.batch.progress.plus(
                rows_read=read.rows_read,
                rows_refused=read.rows_refused,
                outcomes=prepared.outcomes,
                share_done=read.share_done,
            )
            decided = DecidedChunk(prepared.records, encoded.results, encoded.errors, progress)
            return await self.work.record(lease, decided)

        try:
            await check()
            return (await record_prepared(chunk.prepared, record, before_each))[1]
        except _Stopped:
            return None

    async def _fail(self, lease: Lease, fault: str) -> Batch:
        failed = lease.batch.fail(self.clock.now(), fault)
        await self.work.end(lease, failed)
        return failed

    @asynccontextmanager
    async def _renewed(self, lease: Lease) -> AsyncIterator[None]:
        """Renew the lease regularly, so that a long chunk or download does not lose it."""

        async def keep_renewing() -> None:
            while True:
                await asyncio.sleep(self.work.lease_seconds / 3)
                try:
                    await self.work.renew(lease)
                except DependencyUnavailable as fault:
                    _log.warning("the lease of batch %s was not renewed: %s", lease.batch.batch_id, fault)
                except LeaseLost:
                    return  # recording the next chunk raises it
                except Exception:  # the next renewal may succeed
                    _log.exception("the lease of batch %s was not renewed", lease.batch.batch_id)

        renewing = asyncio.create_task(keep_renewing())
        try:
            yield
        finally:
            renewing.cancel()
            await asyncio.gather(renewing, return_exceptions=True)
