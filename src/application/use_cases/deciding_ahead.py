"""Deciding on a portfolio ahead of whoever records and writes it: stretch by stretch, one ready in advance."""

import asyncio
from collections.abc import AsyncGenerator, Iterator, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from uuid import UUID

from application.ports.clock import Clock
from application.ports.identifiers import Identifiers
from application.ports.portfolio import DecidedLoans, LoanStretch, Portfolio, PortfolioDecider
from application.use_cases.one_ahead import one_ahead
from domain.access.user import Actor
from domain.policy.decision_record import DecisionRecord


@dataclass(frozen=True, slots=True)
class PreparedStretch:
    """A stretch with its decisions, and the records to be made of them; no identifiers where there are none."""

    stretch: LoanStretch
    decided: DecidedLoans
    identifiers: Sequence[UUID] | None
    records: Sequence[DecisionRecord]


@dataclass(frozen=True, slots=True)
class DecidingAhead:
    """Decides by column, aside from the event loop; `recorded` says whether records are made."""

    decider: PortfolioDecider
    clock: Clock
    identifiers: Identifiers
    recorded: bool = True

    async def __call__(
        self, portfolio: Portfolio, *, by: Actor, channel: str
    ) -> AsyncGenerator[PreparedStretch, None]:
        """The portfolio's stretches, decided in their order; to be closed when no more are wanted."""
        async with aclosing(one_ahead(self._prepared(portfolio, by, channel))) as stretches:
            async for prepared in stretches:
                yield prepared

    async def _prepared(
        self, portfolio: Portfolio, by: Actor, channel: str
    ) -> AsyncGenerator[PreparedStretch, None]:
        async with aclosing(one_ahead(_read(portfolio.stretches()))) as stretches:
            async for stretch in stretches:
                yield await asyncio.to_thread(self._prepare, stretch, by, channel)

    def _prepare(self, stretch: LoanStretch, by: Actor, channel: str) -> PreparedStretch:
        decided = self.decider.decide(stretch.loans)
        if not self.recorded:
            return PreparedStretch(stretch, decided, None, ())
        identifiers = [self.identifiers.new() for _ in range(sum(decided.outcomes.values()))]
        records = decided.records(identifiers, decided_at=self.clock.now(), requested_by=by, channel=channel)
        return PreparedStretch(stretch, decided, identifiers, records)


async def _read(stretches: Iterator[LoanStretch]) -> AsyncGenerator[LoanStretch, None]:
    while (stretch := await asyncio.to_thread(next, stretches, None)) is not None:
        yield stretch
