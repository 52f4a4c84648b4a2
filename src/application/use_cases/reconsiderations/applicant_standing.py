"""What an application has come to, as its applicant and the answers to requests see it."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from application.ports.applications.applications import Applications, StoredApplication
from application.use_cases.applications.application_lives import FindLife, decided_state
from application.use_cases.decisions.read_decisions import DecisionUnreadable
from domain.applications.application_life import ApplicationLife
from domain.applications.money import Money
from domain.decisions.decision_record import DecisionRecord
from domain.decisions.unreadable_decision import UnreadableDecision
from domain.reconsiderations.reconsideration import Standing


@dataclass(frozen=True, slots=True)
class PresentStanding:
    """An application with its newest decision and its life."""

    stored: StoredApplication
    record: DecisionRecord
    life: ApplicationLife

    def at(self, moment: datetime) -> Standing:
        """What the application has come to at a time."""
        return Standing(self.life.state(moment), self._offered)

    @property
    def decided(self) -> Standing:
        """What the lender decided last."""
        return Standing(decided_state(self.stored, self.record), self._offered)

    @property
    def _offered(self) -> Money | None:
        return None if self.life.offer is None else self.life.offer.amount


@dataclass(frozen=True, slots=True)
class FindStanding:
    """Finds what an application has come to."""

    applications: Applications
    life_of: FindLife

    async def __call__(self, application_id: UUID) -> PresentStanding | None:
        """The standing; None where the application is not stored here. Raises DecisionUnreadable."""
        stored = await self.applications.find(application_id)
        if stored is None:
            return None
        if isinstance(stored.newest, UnreadableDecision):
            raise DecisionUnreadable(stored.newest)
        return PresentStanding(stored, stored.newest, await self.life_of(stored))
