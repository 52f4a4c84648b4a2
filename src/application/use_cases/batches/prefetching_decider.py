"""Decides on a portfolio chunk by chunk, ahead of the code that records and writes the results."""

import asyncio
from collections.abc import AsyncGenerator, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from uuid import UUID

from application.ports.batches.portfolio import DecidedLoans, LoanChunk, Origin, Portfolio, PortfolioDecider
from application.ports.operations.clock import Clock
from application.ports.operations.identifiers import Identifiers
from application.use_cases.batches.ordered_concurrent_map import ordered_concurrent_map
from domain.access.user import Actor
from domain.decisions.decision_record import DecisionRecord


@dataclass(frozen=True, slots=True)
class PreparedChunk:
    """A chunk with its decisions, and with identifiers and records if it will be recorded.

    The records are created during iteration, while the database writes earlier ones.
    """

    chunk: LoanChunk
    decided: DecidedLoans
    identifiers: Sequence[UUID] | None = None
    records: Iterable[DecisionRecord] = ()


@dataclass(frozen=True, slots=True)
class PrefetchingDecider:
    """Decides by column on threads; `recorded` says whether records are created."""

    decider: PortfolioDecider
    clock: Clock
    identifiers: Identifiers
    recorded: bool = True

    def __call__(
        self, portfolio: Portfolio, *, by: Actor, received_through: str, trial: bool = False
    ) -> AsyncGenerator[PreparedChunk, None]:
        """The decided chunks in order; the caller must close the generator. A `trial` is recorded as one.

        Besides the caller's chunk, memory holds one with identifiers, up to `max_in_flight` of the decider, and
        one that was read.
        """
        read = ordered_concurrent_map(_read(portfolio.chunks()), _unchanged)
        decided = ordered_concurrent_map(read, self._decide, max_in_flight=self.decider.max_in_flight)
        return (
            ordered_concurrent_map(decided, partial(self._with_records, by, received_through, trial))
            if self.recorded
            else decided
        )

    async def _decide(self, chunk: LoanChunk) -> PreparedChunk:
        return PreparedChunk(chunk, await self.decider.decide(chunk.loans))

    async def _with_records(
        self, by: Actor, received_through: str, trial: bool, prepared: PreparedChunk
    ) -> PreparedChunk:
        return await asyncio.to_thread(self._identified, by, received_through, trial, prepared)

    def _identified(self, by: Actor, received_through: str, trial: bool, prepared: PreparedChunk) -> PreparedChunk:
        decided = prepared.decided
        identifiers = [self.identifiers.new() for _ in range(sum(decided.outcomes.values()))]
        records = decided.records(identifiers, Origin(self.clock.now(), by, received_through, trial))
        return replace(prepared, identifiers=identifiers, records=records)


async def _read(chunks: Iterator[LoanChunk]) -> AsyncGenerator[LoanChunk, None]:
    while (chunk := await asyncio.to_thread(next, chunks, None)) is not None:
        yield chunk


async def _unchanged(chunk: LoanChunk) -> LoanChunk:
    return chunk
