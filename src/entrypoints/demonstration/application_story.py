"""The story of an application: decided, perhaps again, worked by people, accepted, withdrawn or expired."""

from datetime import timedelta
from random import Random
from uuid import UUID

from application.use_cases.decisions.assess_loan_application import AssessmentRequest
from domain.applications.application_action import WithdrawalReason
from domain.applications.application_life import ExposureLimitExceeded
from domain.applications.money import Money
from domain.applications.superseding import SupersedesReason, Superseding
from domain.decisions.decision_record import DecisionRecord
from domain.policies.outcome import Outcome
from entrypoints.demonstration.case_story import case_story
from entrypoints.demonstration.lender import Lender
from entrypoints.demonstration.loan_story import AcceptedLoan, loan_story
from entrypoints.demonstration.people import OFFICER, UNDERWRITERS
from entrypoints.demonstration.reconsideration_story import reconsideration_story
from entrypoints.demonstration.seasons import at_work
from entrypoints.demonstration.submissions import Submission, corrected
from entrypoints.demonstration.timeline import Story

_DECIDED_AGAIN, _REVIEWED, _RECONSIDERED, _WITHDRAWN_EARLY = 0.04, 0.02, 0.06, 0.03
_ACCEPTED, _WITHDRAWN = 0.74, 0.09
"""Of offers; the others expire."""
_TAKES_LESS = 0.12
_SMALLEST = 1_000


async def application_story(lender: Lender, submission: Submission) -> Story:
    """What happens to one application."""
    random, use_cases = submission.random, lender.use_cases
    yield submission.at
    record = await use_cases.assess(
        submission.application,
        by=submission.by,
        received_through=submission.received_through,
        identity=submission.identity,
        circumstances=submission.circumstances,
    )
    lender.submitted(submission.at)
    if record.decision.outcome is not Outcome.APPROVED and random.random() < _DECIDED_AGAIN:
        yield at_work(lender.now + timedelta(hours=random.uniform(1.0, 20.0)))
        record = await _decided_again(lender, submission, record)
    if record.decision.outcome is Outcome.REFERRED:
        if random.random() < _WITHDRAWN_EARLY:
            yield at_work(lender.now + timedelta(hours=random.uniform(0.2, 3.0)))
            await _withdraw(lender, record.decision_id, WithdrawalReason.OTHER_LENDER)
            return
        async for at in case_story(lender, record.decision_id, random):
            yield at
    elif record.decision.outcome is Outcome.DECLINED and random.random() < _REVIEWED:
        yield at_work(lender.now + timedelta(days=random.uniform(2.0, 8.0)))
        reviewer = random.choice(UNDERWRITERS)
        review = await use_cases.cases.open_review(
            record.decision_id, "The applicant called and gave more information about income.", by=reviewer
        )
        async for at in case_story(lender, review.case.case_id, random):
            yield at
    elif record.decision.outcome is Outcome.DECLINED and random.random() < _RECONSIDERED:
        async for at in reconsideration_story(lender, record, random):
            yield at
    elif record.decision.outcome is Outcome.DECLINED:
        return
    async for at in _offer_story(lender, record, random):
        yield at


async def _decided_again(lender: Lender, submission: Submission, record: DecisionRecord) -> DecisionRecord:
    """The decision on the application as it was corrected."""
    again = corrected(submission, lender.now, lender.product)
    reason = submission.random.choice((SupersedesReason.CORRECTION, SupersedesReason.NEW_BUREAU_DATA))
    request = AssessmentRequest(
        again.application,
        again.by,
        again.received_through,
        None,
        again.identity,
        again.circumstances,
        Superseding(record.decision_id, reason),
    )
    return (await lender.use_cases.supersede(request)).record


async def _offer_story(lender: Lender, record: DecisionRecord, random: Random) -> Story:
    """What the applicant makes of an offer, if there is one."""
    applications = lender.use_cases.applications
    answer = random.random()
    if answer >= _ACCEPTED + _WITHDRAWN:
        return
    yield at_work(lender.now + timedelta(days=min(25.0, random.expovariate(1.0 / 4.0))))
    present = await applications.find(record.decision_id, by=OFFICER)
    offer = present.life.offer
    if offer is None or not present.state.can_be_accepted:
        return
    if answer >= _ACCEPTED:
        await _withdraw(lender, record.decision_id, WithdrawalReason.NO_LONGER_NEEDED)
        return
    less = random.random() < _TAKES_LESS
    wanted = offer.amount.dollars * random.uniform(0.6, 0.95)
    amount = Money.of(max(_SMALLEST, 25 * round(wanted / 25))) if less else offer.amount
    amount = max(amount, offer.smallest)
    try:
        await applications.accept(record.decision_id, amount, by=OFFICER)
    except ExposureLimitExceeded:
        return
    lender.loans += 1
    await lender.begin(loan_story(lender, AcceptedLoan(record, amount, offer.term), lender.ends, random), random)


async def _withdraw(lender: Lender, decision_id: UUID, reason: WithdrawalReason) -> None:
    await lender.use_cases.applications.withdraw(decision_id, reason, by=OFFICER)
