"""What is known of an applicant's other applications."""

from datetime import datetime, timedelta
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from domain.applications.applicant_history import (
    MAX_RELATED,
    NO_HISTORY,
    ApplicantHistory,
    PastApplication,
)
from support.builders import A_MOMENT

days = st.floats(0, 4000, allow_nan=False)


def days_ago(number: float) -> datetime:
    return A_MOMENT - timedelta(days=number)


def past(number: int, **given: object) -> PastApplication:
    return PastApplication(**{"decision_id": UUID(int=number), "decided_at": A_MOMENT, **given})  # type: ignore[arg-type]


def test_a_new_applicant_has_no_history() -> None:
    assert NO_HISTORY.days_since_application(A_MOMENT) is None
    assert NO_HISTORY.days_since_decline(A_MOMENT) is None
    assert NO_HISTORY.related(A_MOMENT, 30) == ()


@given(st.lists(st.tuples(days, st.one_of(st.none(), days)), min_size=1, max_size=5))
def test_the_days_are_those_since_the_last_application_and_the_last_decline(
    ago: list[tuple[float, float | None]],
) -> None:
    history = ApplicantHistory(
        len(ago),
        tuple(
            past(number, decided_at=days_ago(made), declined_at=None if declined is None else days_ago(declined))
            for number, (made, declined) in enumerate(ago)
        ),
    )
    since = history.days_since_application(A_MOMENT)
    assert since is not None
    assert abs(since - min(made for made, _ in ago)) < 1e-6
    declines = [declined for _, declined in ago if declined is not None]
    since_decline = history.days_since_decline(A_MOMENT)
    assert (since_decline is None) == (not declines)
    assert since_decline is None or abs(since_decline - min(declines)) < 1e-6


def test_an_application_by_a_clock_that_is_ahead_is_one_of_today() -> None:
    history = ApplicantHistory(1, (past(1, decided_at=A_MOMENT + timedelta(seconds=1)),))
    assert history.days_since_application(A_MOMENT) == 0.0


def test_related_are_those_within_the_days_and_accepted_loans() -> None:
    history = ApplicantHistory(
        4,
        (
            past(4, decided_at=days_ago(1)),
            past(3, decided_at=days_ago(30)),
            past(2, decided_at=days_ago(500), accepted=True),
            past(1, decided_at=days_ago(600)),
        ),
    )
    assert history.related(A_MOMENT, 30) == (UUID(int=4), UUID(int=2))
    assert history.related(A_MOMENT, 0) == (UUID(int=2),)


def test_only_the_newest_of_very_many_are_related() -> None:
    history = ApplicantHistory(60, tuple(past(number) for number in range(60, 0, -1)))
    related = history.related(A_MOMENT, 30)
    assert len(related) == MAX_RELATED
    assert related[0] == UUID(int=60)
