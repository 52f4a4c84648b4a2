"""Check that a person can still decide on an application."""

from dataclasses import dataclass
from uuid import UUID

from application.ports.applications.applications import Applications
from application.ports.operations.clock import Clock
from application.use_cases.applications.application_lives import FindLife
from domain.applications.application_state import ApplicationState
from domain.cases.resolution_errors import ResolutionOutdated

_CLOSED = frozenset({ApplicationState.ACCEPTED, ApplicationState.WITHDRAWN, ApplicationState.EXPIRED})


@dataclass(frozen=True, slots=True)
class CheckApplication:
    """Refuses decisions on an application that was decided again, accepted or withdrawn, or has expired."""

    applications: Applications
    find_life: FindLife
    clock: Clock

    async def __call__(self, decision_id: UUID) -> None:
        """Raise ResolutionOutdated unless this decision is the present one on an open application."""
        stored = await self.applications.find(decision_id)
        if stored is None:
            return
        newest = stored.decision_ids[-1]
        if newest != decision_id:
            raise ResolutionOutdated(
                f"decision {decision_id} was superseded by decision {newest}: decide on that one instead"
            )
        life = await self.find_life(stored)
        state = life.state(self.clock.now())
        if state in _CLOSED:
            ended = life.ended_by
            by = f" by {ended.actor.name}" if ended else ""
            raise ResolutionOutdated(f"the application is {state.value}{by}: submit it again for a new decision")
