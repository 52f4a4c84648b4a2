"""The demonstration: the stories of all applications, told in the order of their times."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from application.catalog import UseCases
from domain.month import Month
from domain.products.product_definition import ProductDefinition
from entrypoints.demonstration.application_story import application_story
from entrypoints.demonstration.lender import FollowUps, Lender
from entrypoints.demonstration.notice_story import DAYS, SOON_ENOUGH, notice_desk
from entrypoints.demonstration.submissions import Submission, submissions
from entrypoints.demonstration.timeline import SetTime, Timeline

APPLICATIONS = 1_500
"""In the last six months."""
_MONTHS, _MONTHS_BEFORE = 6, 15
_DECLINED = 0.3
_SHARE_BEFORE = 0.35
"""The lender grew: how many applications there were in the months before, in comparison with the last six."""
Progress = Callable[[float, str], None]


@dataclass(frozen=True, slots=True)
class Plan:
    """What is simulated: everything before `end`, with so many applications in the last six months."""

    end: datetime
    seed: int
    applications: int = APPLICATIONS

    @property
    def months(self) -> tuple[Month, ...]:
        """The months of the simulation, the first one first."""
        last = Month.of(self.end)
        return tuple(last.later(-months) for months in range(_MONTHS + _MONTHS_BEFORE, -1, -1))

    @property
    def start(self) -> datetime:
        """The first moment."""
        return self.end - timedelta(days=30.44 * (_MONTHS + _MONTHS_BEFORE))

    @property
    def desk_begins(self) -> datetime:
        """When the desk that sends letters begins, early enough that one of them is overdue at the end."""
        declined_a_day = _DECLINED * self.applications / (30.44 * _MONTHS)
        return self.end - timedelta(days=DAYS + min(120.0, SOON_ENOUGH / declined_a_day))

    def submissions(self, product: ProductDefinition) -> list[Submission]:
        """All applications in the order of their times."""
        grown = self.end - timedelta(days=30.44 * _MONTHS)
        before = round(self.applications * _SHARE_BEFORE)
        return submissions(self.seed, product, ((self.start, grown, before), (grown, self.end, self.applications)))


async def simulate(
    plan: Plan, use_cases: UseCases, follow_ups: FollowUps, set_time: SetTime, progress: Progress
) -> Lender:
    """Let everything happen that the plan says; returns the lender as it is at the end."""
    product = use_cases.read_product_in_force()
    planned = plan.submissions(product)
    timeline = Timeline(set_time)

    def submitted(at: datetime) -> None:
        lender.left -= 1
        done = len(planned) - lender.left
        progress(done / len(planned), f"{done:,} applications, {at:%B %Y}")

    lender = Lender(use_cases, follow_ups, product, timeline, submitted, plan.end, len(planned))
    for submission in planned:
        await timeline.begin(submission.at, application_story(lender, submission), submission.random)
    random = Random(plan.seed)
    await timeline.begin(plan.start, notice_desk(lender, plan.desk_begins, random), random)
    await timeline.run(plan.end)
    await timeline.end()
    set_time(plan.end, random)
    await follow_ups.follow_trail()
    return lender
