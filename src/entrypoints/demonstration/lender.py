"""What the stories of the demonstration need: the use cases, the time, and what happened so far."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime
from random import Random

from application.catalog import UseCases
from domain.access.user import Actor
from domain.products.product_definition import ProductDefinition
from entrypoints.demonstration.timeline import Story, Timeline

PeriodicTask = Callable[[Actor], Awaitable[object]]


@dataclass(frozen=True, slots=True)
class FollowUps:
    """The periodic tasks of the service that follow from the time, which is simulated here.

    `begin_following` leaves out what was recorded before: no notice follows from it.
    """

    record_passed_due_times: PeriodicTask
    expire_unanswered_cases: PeriodicTask
    begin_following: Callable[[], Awaitable[None]]
    follow_trail: Callable[[], Awaitable[None]]


@dataclass(slots=True)
class Lender:
    """The simulated lender. `submitted` reports each decided application, `loans` counts the accepted ones.

    `left` counts the applications that are still to come. `remarks` say what could not be shown on this machine.
    """

    use_cases: UseCases
    follow_ups: FollowUps
    product: ProductDefinition
    timeline: Timeline
    submitted: Callable[[datetime], None]
    ends: datetime
    left: int
    loans: int = 0
    remarks: list[str] = field(default_factory=list)

    @property
    def now(self) -> datetime:
        """The simulated time of the present story."""
        return self.use_cases.clock.now()

    async def begin(self, story: Story, random: Random) -> None:
        """Let a story begin now."""
        await self.timeline.begin(self.now, story, Random(random.getrandbits(64)))
