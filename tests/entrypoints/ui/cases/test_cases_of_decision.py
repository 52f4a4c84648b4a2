"""Which decisions can be reviewed, on their pages."""

from dataclasses import replace
from datetime import timedelta

from domain.applications.application_action import WithdrawalReason
from domain.applications.money import Money
from domain.decisions.decision_record import DecisionRecord
from domain.policies.outcome import Outcome
from entrypoints.ui.cases.cases_of_decision import goes_on
from support.builders import an_identifier
from support.cases import UMA
from support.desk import Desk


async def test_a_review_is_offered_only_while_it_could_have_an_effect():
    desk = Desk()
    applications = desk.application_use_cases

    async def offered(record: DecisionRecord) -> bool:
        return goes_on(await applications.find(record.decision_id, by=UMA), record.decision_id)

    accepted, withdrawn, waiting, declined = [
        await desk.refer(outcome=outcome) for outcome in (*[Outcome.APPROVED] * 3, Outcome.DECLINED)
    ]
    assert all([await offered(record) for record in (accepted, withdrawn, waiting, declined)])
    await applications.accept(accepted.decision_id, Money(500_000), by=UMA)
    await applications.withdraw(withdrawn.decision_id, WithdrawalReason.DUPLICATE, by=UMA)
    assert not await offered(accepted)
    assert not await offered(withdrawn)
    desk.wait(timedelta(days=31))
    assert not await offered(waiting)
    assert await offered(declined)
    later = replace(declined, decision_id=an_identifier(desk.clock.moment), supersedes=declined.decision_id)
    await desk.decisions.record(later)
    assert not await offered(declined)
    assert goes_on(None, declined.decision_id)  # its application cannot be read
