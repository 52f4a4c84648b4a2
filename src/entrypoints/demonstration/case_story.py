"""The story of a referral case: claimed, worked, resolved, perhaps by two people, and perhaps reviewed."""

from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256
from random import Random
from uuid import UUID

from application.use_cases.cases.read_cases import CaseView
from domain.access.user import Actor
from domain.cases.case_state import CaseState
from domain.cases.override import OverrideType
from domain.cases.proposal import WantedResolution
from domain.cases.quality import QualityState
from domain.cases.referral_case import ReferralCase
from domain.cases.resolution import ConditionState, DocumentPointer
from domain.policies.final_outcome import FinalOutcome
from entrypoints.demonstration import texts
from entrypoints.demonstration.lender import Lender
from entrypoints.demonstration.people import SENIOR, SERVICE, UNDERWRITERS
from entrypoints.demonstration.seasons import at_work
from entrypoints.demonstration.timeline import Story

_LATE, _NOTED, _ASKED, _ANSWERED, _AGREED = 0.06, 0.2, 0.14, 0.75, 0.85
_WITH_CONDITION, _WITH_DOCUMENT, _REVIEWED = 0.3, 0.4, 0.85
_LAST, _LAST_PROPOSED, _WAITING = 25, 90, 0.7
"""Of the cases, and of the proposals, of the last applications, these wait at the end: there is work to do."""
_A_MOMENT = timedelta(seconds=30)
_SHARES = {SENIOR: 0.22, UNDERWRITERS[0]: 0.42, UNDERWRITERS[1]: 0.36}
_WEIGHTS = {
    (FinalOutcome.APPROVED, OverrideType.LOW_SIDE): 0.16,
    (FinalOutcome.APPROVED, OverrideType.POLICY_EXCEPTION): 0.5,
    (FinalOutcome.APPROVED, OverrideType.AGREED): 0.6,
    (FinalOutcome.COUNTER_OFFER, OverrideType.AGREED): 0.5,
    (FinalOutcome.DECLINED, OverrideType.AGREED): 0.4,
    (FinalOutcome.DECLINED, OverrideType.HIGH_SIDE): 0.12,
}
"""How often people choose an outcome in comparison with the others that a case allows."""


@dataclass(slots=True)
class CaseWork:
    """Who works on a case, what was wanted last, and who decided anything on it."""

    worker: Actor
    wanted: WantedResolution
    deciders: set[Actor]


async def case_story(lender: Lender, case_id: UUID, random: Random) -> Story:
    """What happens to one case until it is resolved, expires, or is withdrawn by others."""
    cases, worker = lender.use_cases.cases, _worker(random)
    case = await cases.read_state(case_id, by=worker)
    await lender.begin(_due_time_story(lender, case), random)
    if lender.left < _LAST and random.random() < _WAITING:
        return
    late = random.random() < _LATE
    yield at_work(lender.now + timedelta(hours=random.uniform(50, 80) if late else random.expovariate(1 / 9)))
    case = await cases.read_state(case_id, by=worker)
    if case.state.ended:
        return
    case = (await cases.claim(case_id, by=worker, seen=case.version)).case
    if random.random() < _NOTED:
        yield lender.now + timedelta(minutes=random.uniform(2, 10))
        case = (await cases.add_note(case_id, random.choice(texts.NOTES), by=worker, seen=case.version)).case
    if random.random() < _ASKED:
        yield lender.now + timedelta(minutes=random.uniform(2, 10))
        text = random.choice(texts.INFORMATION_REQUESTS)
        case = (await cases.request_information(case_id, text, by=worker, seen=case.version)).case
        async for at in _awaiting(lender, case, worker, random):
            yield at
        case = await cases.read_state(case_id, by=worker)
        if case.state.ended:
            return
    yield lender.now + timedelta(minutes=random.uniform(3, 13))
    case, wanted = await _resolve(lender, case, worker, random)
    work = CaseWork(worker, wanted, {worker})
    while case.state is CaseState.AWAITING_SECOND_APPROVAL:
        if lender.left < _LAST_PROPOSED and random.random() < _WAITING:
            return
        yield at_work(lender.now + timedelta(hours=random.uniform(0.5, 20)))
        agrees = random.random() < _AGREED
        text = random.choice(texts.SECOND_APPROVALS if agrees else texts.SECOND_REFUSALS)
        case = await claimed(lender, case_id, SENIOR)
        yield lender.now + timedelta(minutes=random.uniform(3, 13))
        work.deciders.add(SENIOR)
        decided = await cases.second_approval(case_id, by=SENIOR, seen=case.version, approve=agrees, text=text)
        case = decided.case
        if agrees:
            break
        yield at_work(lender.now + timedelta(hours=random.uniform(0.5, 5)))
        case = await claimed(lender, case_id, worker)
        yield lender.now + timedelta(minutes=random.uniform(3, 13))
        case, work.wanted = await _resolve(lender, case, worker, random, alone=True)
    if work.wanted.conditions or case.quality is QualityState.WAITING:
        await lender.begin(_after_resolution(lender, case, work, random), random)


def _worker(random: Random) -> Actor:
    return random.choices(list(_SHARES), list(_SHARES.values()))[0]


async def _due_time_story(lender: Lender, case: ReferralCase) -> Story:
    """The passing of the due time, which the service records."""
    while not case.state.ended and case.breached_at is None:
        yield max(case.due_at, lender.now) + _A_MOMENT
        await lender.follow_ups.record_passed_due_times(SERVICE)
        case = await lender.use_cases.cases.read_state(case.case_id, by=SENIOR)
        if case.state is CaseState.AWAITING_APPLICANT:
            return


async def _awaiting(lender: Lender, case: ReferralCase, worker: Actor, random: Random) -> Story:
    """The applicant answers, or the case expires."""
    cases = lender.use_cases.cases
    if random.random() >= _ANSWERED:
        assert case.answer_by is not None  # noqa: S101 - the applicant is awaited
        yield case.answer_by + _A_MOMENT
        await lender.follow_ups.expire_unanswered_cases(SERVICE)
        return
    yield at_work(lender.now + timedelta(days=random.uniform(0.5, 11)))
    case = await claimed(lender, case.case_id, worker)
    answer = random.choice(texts.INFORMATION_ANSWERS)
    await cases.receive_information(case.case_id, answer, by=worker, seen=case.version)


async def claimed(lender: Lender, case_id: UUID, by: Actor) -> ReferralCase:
    """The case after this person claimed it."""
    cases = lender.use_cases.cases
    case = await cases.read_state(case_id, by=by)
    return (await cases.claim(case_id, by=by, seen=case.version)).case


async def _resolve(
    lender: Lender, case: ReferralCase, worker: Actor, random: Random, *, alone: bool = False
) -> tuple[ReferralCase, WantedResolution]:
    """The case after the worker resolved it, or proposed to where a second person must agree, and how."""
    cases = lender.use_cases.cases
    view = await cases.read_case(case.case_id, by=worker)
    wanted = _resolution(view, lender, random, alone=alone or worker == SENIOR)
    return (await cases.resolve(case.case_id, wanted, by=worker, seen=view.case.version)).case, wanted


def _resolution(view: CaseView, lender: Lender, random: Random, *, alone: bool) -> WantedResolution:
    """One of the outcomes that the worker may choose; `alone` leaves out those that need a second person."""
    assert view.authority is not None  # noqa: S101 - model and policy are archived
    possible = [
        each for each in view.authority.outcomes if not each.refused and not (alone and each.second_person)
    ]
    (chosen,) = random.choices(possible, [_WEIGHTS.get((each.outcome, each.override), 0.1) for each in possible])
    reasons = [reason.code for reason in chosen.reasons if reason.code in texts.RESOLUTIONS]
    reason = random.choice(reasons)
    lends = chosen.outcome.lends
    loan = chosen.loan if chosen.outcome is FinalOutcome.COUNTER_OFFER else None
    return WantedResolution(
        chosen.outcome,
        reason,
        random.choice(texts.RESOLUTIONS[reason]),
        loan.amount if loan else None,
        loan.term if loan else None,
        documents=(_document(lender, random),) if lends and random.random() < _WITH_DOCUMENT else (),
        conditions=(random.choice(texts.CONDITIONS),) if lends and random.random() < _WITH_CONDITION else (),
    )


def _document(lender: Lender, random: Random) -> DocumentPointer:
    day = (lender.now - timedelta(days=random.randint(1, 40))).date()
    return DocumentPointer(random.choice(texts.DOCUMENTS), day, sha256(random.randbytes(32)).hexdigest())


async def _after_resolution(lender: Lender, case: ReferralCase, work: CaseWork, random: Random) -> Story:
    """Conditions are met, and a second reviewer examines the cases in the share for quality reviews."""
    cases = lender.use_cases.cases
    yield at_work(lender.now + timedelta(days=random.uniform(1, 6)))
    seen = (await cases.read_state(case.case_id, by=SENIOR)).version
    for number, _ in enumerate(work.wanted.conditions, 1):
        changed = await cases.change_condition(
            case.case_id, number, ConditionState.MET, "Document received.", by=work.worker, seen=seen
        )
        seen = changed.case.version
    if case.quality is QualityState.WAITING and random.random() < _REVIEWED:
        reviewer = random.choice([each for each in (*UNDERWRITERS, SENIOR) if each not in work.deciders])
        agrees = random.random() < _AGREED
        outcome = work.wanted.outcome if agrees else random.choice(list(FinalOutcome))
        text = random.choice(texts.QUALITY_REVIEWS)
        await cases.quality_review(case.case_id, outcome, text, by=reviewer, seen=seen)
