"""Final outcomes of a period: what people decided, and else what the system did."""

from domain.monitoring.overview import FinalOutcomes, Outcomes
from domain.policies.final_outcome import FinalOutcome
from domain.policies.outcome import Outcome


def test_without_people_the_systems_outcomes_are_final() -> None:
    assert FinalOutcomes.of(Outcomes(5, 3, 2), {}) == FinalOutcomes(
        approved=5, counter_offer=0, declined=2, undecided=3, by_people=0
    )


def test_decisions_of_people_move_to_their_outcome() -> None:
    people = {
        (Outcome.REFERRED, FinalOutcome.APPROVED): 2,
        (Outcome.REFERRED, FinalOutcome.COUNTER_OFFER): 1,
        (Outcome.DECLINED, FinalOutcome.APPROVED): 1,
        (Outcome.APPROVED, FinalOutcome.DECLINED): 1,
        (Outcome.DECLINED, FinalOutcome.DECLINED): 1,
    }
    final = FinalOutcomes.of(Outcomes(10, 5, 4), people)
    assert final == FinalOutcomes(approved=12, counter_offer=1, declined=4, undecided=2, by_people=6)
