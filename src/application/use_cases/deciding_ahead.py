"""Deciding on a portfolio ahead of whoever records and writes it: stretch by stretch, in order."""

import asyncio
from collections.abc import AsyncGenerator, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from uuid import UUID

from application.ports.clock import Clock
from application.ports.identifiers import Identifiers
from application.ports.portfolio import DecidedLoans, LoanStretch, Portfolio, PortfolioDecider
from application.use_cases.in_order import in_order
from domain.access.user import Actor
from domain.policy.decision_record import DecisionRecord


@dataclass(frozen=True, slots=True)
class PreparedStretch:
    """A stretch with its decisions; with identifiers and records where it goes on record.

    The records are made as they are asked for, once: a database that writes those before hides what they cost.
    """

    stretch: LoanStretch
    decided: DecidedLoans
    identifiers: Sequence[UUID] | None = None
    records: Iterable[DecisionRecord] = ()


@dataclass(frozen=True, slots=True)
class DecidingAhead:
    """Decides by column, aside from the event loop; `recorded` says whether records are made."""

    decider: PortfolioDecider
    clock: Clock
    identifiers: Identifiers
    recorded: bool = True

    def __call__(self, portfolio: Portfolio, *, by: Actor, channel: str) -> AsyncGenerator[PreparedStretch, None]:
        """The portfolio's stretches, decided in their order; to be closed when no more are wanted.

        Beside the caller's stretch there are in memory: one with identifiers, as many decided or being decided as
        the decider likes to have in hand, and one that was read.
        """
        read = in_order(_read(portfolio.stretches()), _as_it_is)
        decided = in_order(read, self._decide, abreast=self.decider.abreast)
        return in_order(decided, partial(self._with_records, by, channel)) if self.recorded else decided

    async def _decide(self, stretch: LoanStretch) -> PreparedStretch:
        return PreparedStretch(stretch, await self.decider.decide(stretch.loans))

    async def _with_records(self, by: Actor, channel: str, prepared: PreparedStretch) -> PreparedStretch:
        return await asyncio.to_thread(self._identified, by, channel, prepared)

    def _identified(self, by: Actor, channel: str, prepared: PreparedStretch) -> PreparedStretch:
        decided = prepared.decided
        identifiers = [self.identifiers.new() for _ in range(sum(decided.outcomes.values()))]
        records = decided.records(identifiers, decided_at=self.clock.now(), requested_by=by, channel=channel)
        return replace(prepared, identifiers=identifiers, records=records)


async def _read(stretches: Iterator[LoanStretch]) -> AsyncGenerator[LoanStretch, None]:
    while (stretch := await asyncio.to_thread(next, stretches, None)) is not None:
        yield stretch


async def _as_it_is(stretch: LoanStretch) -> LoanStretch:
    return stretch
