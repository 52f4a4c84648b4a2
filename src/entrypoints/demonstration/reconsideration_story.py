"""The story of an applicant who asks for reconsideration by the link of the application."""

from datetime import timedelta
from random import Random
from uuid import UUID

from application.use_cases.reconsiderations.ask_for_reconsideration import WantedRequest
from domain.decisions.decision_record import DecisionRecord
from domain.policies.outcome import Outcome
from domain.reconsiderations.reconsideration import ReconsiderationKind
from entrypoints.demonstration import texts
from entrypoints.demonstration.case_story import case_story, claimed
from entrypoints.demonstration.lender import Lender
from entrypoints.demonstration.people import OFFICER, UNDERWRITERS
from entrypoints.demonstration.seasons import at_work
from entrypoints.demonstration.timeline import Story

_CORRECTS, _ACCEPTED = 0.5, 0.7


async def reconsideration_story(lender: Lender, record: DecisionRecord, random: Random) -> Story:
    """What happens to the request of an applicant whose application was declined by the system."""
    use_cases = lender.use_cases.reconsiderations
    yield lender.now + timedelta(days=random.uniform(2.0, 14.0))
    link = await use_cases.make_link(record.decision_id, by=OFFICER)
    if link.address is None:  # the applicant's page has no address on this installation
        return
    yield lender.now + timedelta(hours=random.uniform(2.0, 60.0))
    corrects = random.random() < _CORRECTS
    request = await use_cases.ask(
        link.address.rpartition("/")[2],
        _wanted(record, random, corrects=corrects),
        address=f"192.0.2.{random.randrange(1, 255)}",
    )
    if corrects and random.random() < _ACCEPTED:
        yield at_work(lender.now + timedelta(hours=random.uniform(1.0, 40.0)))
        worker = random.choice(UNDERWRITERS)
        case = await claimed(lender, request.case_id, worker)
        yield lender.now + timedelta(minutes=random.uniform(3.0, 12.0))
        accepted = await use_cases.accept_correction(
            record.decision_id, request.reconsideration_id, by=worker, seen=case.version, received_through="web"
        )
        async for at in _after_correction(lender, accepted.decision_id, random):
            yield at
    else:
        async for at in case_story(lender, request.case_id, random):
            yield at
    await use_cases.answer_requests()


async def _after_correction(lender: Lender, decision_id: UUID, random: Random) -> Story:
    """The work on a corrected application that is referred to people."""
    decided = await lender.use_cases.read_decision(decision_id, by=OFFICER)
    if decided.decision.outcome is Outcome.REFERRED:
        async for at in case_story(lender, decision_id, random):
            yield at


def _wanted(record: DecisionRecord, random: Random, *, corrects: bool) -> WantedRequest:
    form = f"{random.getrandbits(128):032x}"
    if not corrects:
        return WantedRequest(ReconsiderationKind.HUMAN_REVIEW, {}, random.choice(texts.APPLICANT_REVIEWS), form)
    income = float(record.application.applicant["annual_inc"] or 0)
    stated = {"annual_inc": f"{round(income * random.uniform(1.1, 1.5), -2):.0f}"}
    return WantedRequest(ReconsiderationKind.CORRECTION, stated, random.choice(texts.APPLICANT_CORRECTIONS), form)
