"""The steps of looking over decisions, for both ways to the lender."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta

import pytest
from pytest_bdd import parsers, then

from acceptance.lenders import Lender, OverviewSeen
from domain.access.user import Actor, Role

RISK_MANAGER = Actor("Rita", Role.RISK_MANAGER)
A_DAY = timedelta(days=1)


@dataclass
class Looks:
    """The overviews seen so far, and the start of the day they are of."""

    start: datetime = field(default_factory=lambda: datetime.combine(datetime.now(UTC), time(), UTC))
    seen: list[OverviewSeen] = field(default_factory=list)

    def at(self, lender: Lender, by: Actor = RISK_MANAGER) -> OverviewSeen:
        """What somebody sees of this day; of yesterday too, should midnight come between two steps."""
        found = lender.overview(self.start, by=by)
        assert found is not None
        self.seen.append(found)
        return found


@pytest.fixture
def looks() -> Looks:
    return Looks()


@then(parsers.re(r"today's overview shows (?P<count>\d+) decisions: (?P<outcomes>.+)"))
def _(lender: Lender, looks: Looks, count: str, outcomes: str) -> None:
    found = looks.at(lender)
    approved, referred, declined = found.outcomes
    assert outcomes == f"{approved} approved, {referred} referred and {declined} declined"
    assert found.decisions == found.in_the_course_of_time == int(count)


@then(parsers.parse("today's overview shows {count:d} decision"))
def _(lender: Lender, looks: Looks, count: int) -> None:
    assert looks.at(lender).decisions == count


@then(parsers.parse("today's overview still shows {count:d} decision, as of the first look"))
def _(lender: Lender, looks: Looks, count: int) -> None:
    assert looks.at(lender).decisions == count
    assert looks.seen[-1].as_of == looks.seen[0].as_of


@then(parsers.parse("a minute later it shows {count:d} decisions, as of then"))
def _(lender: Lender, looks: Looks, count: int) -> None:
    lender.clock.later = timedelta(minutes=1)
    assert looks.at(lender).decisions == count
    assert looks.seen[-1].as_of >= looks.seen[0].as_of + timedelta(minutes=1)


@then(parsers.re(r"the borrowers asked for \$(?P<amount>[\d,]+) in all"))
def _(looks: Looks, amount: str) -> None:
    assert looks.seen[-1].asked == float(amount.replace(",", ""))


@then(parsers.parse('"{text}" was the reason once'))
def _(looks: Looks, text: str) -> None:
    assert looks.seen[-1].reasons[text] == 1


@then("the mean probability of default is that of the answers")
def _(looks: Looks, story) -> None:  # type: ignore[no-untyped-def] # the story belongs to conftest, which imports this
    pds = [answer.pd for answer in story.answers]
    assert looks.seen[-1].mean_pd == pytest.approx(sum(pds) / len(pds), rel=1e-12)


@then(parsers.parse("{first:d} decision was made under policy 1, and {second:d} under policy 2"))
def _(lender: Lender, looks: Looks, first: int, second: int) -> None:
    assert looks.at(lender).under_policy == {"1": first, "2": second}


@then("the overview of last year shows no decisions, and no mean probability of default")
def _(lender: Lender, looks: Looks) -> None:
    found = lender.overview(looks.start - 366 * A_DAY, looks.start - 365 * A_DAY)
    assert found is not None
    assert (found.decisions, found.mean_pd) == (0, None)


@then("an overview from today to yesterday is refused")
def _(lender: Lender, looks: Looks) -> None:
    assert lender.overview(looks.start, looks.start - A_DAY) is None


@then(parsers.parse("the {role} is refused the overview"))
def _(lender: Lender, looks: Looks, role: str) -> None:
    assert lender.may_see_overview(looks.start, by=Actor("somebody", Role(role))) is False


@then(parsers.parse("the {role} sees {count:d} decision in today's overview"))
def _(lender: Lender, looks: Looks, role: str, count: int) -> None:
    assert looks.at(lender, by=Actor("somebody", Role(role))).decisions == count
