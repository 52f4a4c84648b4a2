"""The contract of every store of applicants' links and requests, through the use cases over it."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import fields, replace
from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from adapters.persistence.applications.applications import PostgresApplications
from adapters.persistence.applications.superseding_decisions import PostgresSupersedingDecisions
from adapters.persistence.cases.cases import PostgresCases
from adapters.persistence.cases.final_decisions import PostgresFinalDecisions
from adapters.persistence.database.connections import database_engine
from adapters.persistence.reconsiderations.reconsiderations import PostgresReconsiderations
from application.ports.decisions.idempotency import IdempotencyKey, KeyReused
from application.ports.reconsiderations.reconsiderations import ReconsiderationChange, ReconsiderationConflict
from application.use_cases.applications.read_applications import ApplicationNotFound
from application.use_cases.cases.follow_up_cases import ExpireUnansweredCases
from application.use_cases.decisions.assess_loan_application import AssessmentRequest
from application.use_cases.reconsiderations.answer_requests import AnswerRequests
from application.use_cases.reconsiderations.ask_for_reconsideration import WantedRequest
from application.use_cases.reconsiderations.open_link import LinkNotValid
from domain.access.user import APPLICANT, Actor, PermissionDenied, Role
from domain.applications.application_action import WithdrawalReason
from domain.applications.superseding import SupersedesReason, Superseding
from domain.cases.case_errors import CaseChanged, CaseHeld, CaseNotClaimed
from domain.cases.case_state import CaseState
from domain.cases.referral_case import ReferralCase
from domain.decisions.decision_record import DecisionRecord
from domain.policies.final_outcome import FinalOutcome
from domain.policies.outcome import Outcome
from domain.products.personal_loan import PERSONAL_LOAN
from domain.reconsiderations.reconsideration import AnswerReason, ReconsiderationKind, ReconsiderationState
from domain.reconsiderations.reconsideration_errors import (
    AlreadyAnswered,
    ContentErased,
    CorrectionNeedsResolution,
    NotACorrection,
    NothingToReconsider,
    ReconsiderationNotFound,
    RequestOpen,
    TooManyRequests,
)
from domain.reconsiderations.request_content import InvalidRequest
from support.applicants import ADDRESS, CORA, PAGE_URL, PORTAL, STRONG_INCOME, WEAK, ApplicantDesk, applicant_desk
from support.builders import a_loan_application
from support.cases import SARA, UDO, UMA
from support.databases import Store, execute, postgres_store_at
from support.desk import wanted
from support.memory.applications import MemoryApplications
from support.memory.cases import MemoryCases
from support.memory.decisions import MemoryDecisions
from support.memory.reconsiderations import MemoryReconsiderations
from support.memory.superseding import MemorySupersedingDecisions
from support.states import check_states

CORRECTION, REVIEW = ReconsiderationKind.CORRECTION, ReconsiderationKind.HUMAN_REVIEW


@pytest.fixture
async def altered_desk(migrated_url: str) -> AsyncIterator[ApplicantDesk]:
    """A desk whose rows a test alters, so that they are not checked at its end."""
    engine = database_engine(migrated_url, max_connections=8)
    async with postgres_store_at(migrated_url) as store:
        yield applicant_desk(
            store,
            PostgresApplications(engine),
            PostgresCases(engine),
            PostgresFinalDecisions(engine),
            PostgresSupersedingDecisions(engine),
            PostgresReconsiderations(engine),
        )
    await engine.dispose()


@pytest.fixture
async def desk_in_postgres(altered_desk: ApplicantDesk, migrated_url: str) -> AsyncIterator[ApplicantDesk]:
    yield altered_desk
    assert await altered_desk.store.violations() == []
    engine = database_engine(migrated_url)
    await check_states(engine)
    await engine.dispose()


@pytest.fixture(params=["memory", "postgres"])
def desk(request: pytest.FixtureRequest) -> ApplicantDesk:
    if request.param == "postgres":
        found: ApplicantDesk = request.getfixturevalue("desk_in_postgres")
        return found
    memory = MemoryDecisions()
    applications, cases = MemoryApplications(memory), MemoryCases(memory)
    decisions = MemorySupersedingDecisions(memory, applications, cases)
    requests = MemoryReconsiderations(memory, cases)
    return applicant_desk(Store.in_memory(memory), applications, cases, cases, decisions, requests)


async def declined(desk: ApplicantDesk) -> tuple[DecisionRecord, str]:
    """A declined application, and the token of a link to it."""
    record = await desk.decide()
    assert record.decision.outcome is Outcome.DECLINED
    return record, await desk.link(record)


async def test_a_form_that_is_sent_twice_at_the_same_moment_is_one_request(
    desk: ApplicantDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The second of a double click finds the case of the first one, whose request it has not seen."""
    _, token = await declined(desk)
    ask, wanted = desk.use_cases.ask, WantedRequest(REVIEW, {}, "Mine.", "1")
    cases = ask.changes.cases
    of_decision, first = cases.of_decision, []

    async def overtaken(decision_id: UUID) -> Sequence[ReferralCase]:
        monkeypatch.undo()
        first.append(await ask(token, wanted, address=ADDRESS))
        return await of_decision(decision_id)

    monkeypatch.setattr(cases, "of_decision", overtaken)
    assert [await ask(token, wanted, address=ADDRESS)] == first


async def test_a_link_shows_the_decision_and_the_reasons_on_record(desk: ApplicantDesk) -> None:
    record, token = await declined(desk)
    page = await desk.use_cases.applicant_page(token, address=ADDRESS)
    assert page.state == "declined"
    assert page.reasons == tuple(reason.text for reason in record.decision.reasons)
    assert page.kinds == {CORRECTION, REVIEW}
    assert {each.name for each in page.fields} == {
        *("annual_inc", "emp_length", "home_ownership", "loan_amnt", "term", "purpose")
    }
    assert not page.requests


async def test_a_link_ends_at_its_time_and_when_it_is_revoked(desk: ApplicantDesk) -> None:
    record, first = await declined(desk)
    made = await desk.use_cases.make_link(record.decision_id, by=UMA)
    assert made.address is not None
    second = made.address.removeprefix(f"{PAGE_URL}/applicant/")
    await desk.use_cases.revoke_link(record.decision_id, made.link.link_id, by=UMA)
    await desk.use_cases.revoke_link(record.decision_id, made.link.link_id, by=UMA)
    with pytest.raises(LinkNotValid):
        await desk.use_cases.applicant_page(second, address=ADDRESS)
    await desk.use_cases.applicant_page(first, address=ADDRESS)
    desk.wait(timedelta(days=60) - timedelta(seconds=1))
    await desk.use_cases.applicant_page(first, address=ADDRESS)
    desk.wait(timedelta(seconds=1))
    for ask in (desk.use_cases.applicant_page(first, address=ADDRESS), desk.ask(first)):
        with pytest.raises(LinkNotValid):
            await ask
    listed = await desk.use_cases.read(record.decision_id, by=UMA)
    assert [each.revoked_at is None for each in listed.links] == [False, True]


async def test_a_link_is_made_once_for_a_key_and_for_own_applications_only(desk: ApplicantDesk) -> None:
    record = await desk.decide()
    make, key = desk.use_cases.make_link, IdempotencyKey("key-1")
    first, again = [await make(record.decision_id, by=PORTAL, key=key) for _ in range(2)]
    assert (first.link, first.address) == (again.link, again.address)
    assert (first.replayed, again.replayed) == (False, True)
    other = await desk.decide()
    with pytest.raises(KeyReused):
        await make(other.decision_id, by=PORTAL, key=key)
    with pytest.raises(ApplicationNotFound):
        await make(record.decision_id, by=Actor("other", Role.SERVICE))
    with pytest.raises(ReconsiderationNotFound):
        await desk.use_cases.revoke_link(other.decision_id, first.link.link_id, by=UMA)
    with pytest.raises(PermissionDenied):
        await make(record.decision_id, by=Actor("arthur", Role.AUDITOR))


async def test_a_request_opens_a_case_with_a_clock(desk: ApplicantDesk) -> None:
    record, token = await declined(desk)
    request = await desk.correct(token, annual_inc=STRONG_INCOME)
    case = await desk.cases.find(request.case_id)
    assert case is not None
    assert (case.decision_id, case.state, case.request_due_at) == (
        record.decision_id,
        CaseState.OPEN,
        request.due_at,
    )
    assert case.due_at == request.due_at == desk.clock.now() + timedelta(hours=48)
    actions = await desk.cases.actions(case.case_id)
    assert [each.kind.value for each in actions] == ["case review opened", "case applicant request received"]
    assert {each.actor for each in actions} == {APPLICANT}
    found = await desk.use_cases.request_of_case(case.case_id, by=UMA)
    assert found is not None
    assert found.content is not None
    assert (found.request, found.content.stated) == (request, {"annual_inc": 200_000.0})
    page = await desk.use_cases.applicant_page(token, address=ADDRESS)
    assert (page.state, page.kinds) == ("referred", frozenset())
    assert page.reasons


async def test_the_same_form_sent_twice_is_one_request(desk: ApplicantDesk) -> None:
    _, token = await declined(desk)
    first, second = await asyncio.gather(*(desk.ask(token, text="Please look again.") for _ in range(2)))
    assert first == second
    with pytest.raises(RequestOpen):
        await desk.ask(token, form="form-2")


async def test_of_two_forms_at_the_same_moment_one_is_a_request(desk: ApplicantDesk) -> None:
    record, token = await declined(desk)
    tried = [desk.ask(token, form=f"form-{number}") for number in range(4)]
    done = await asyncio.gather(*tried, return_exceptions=True)
    made = [each for each in done if not isinstance(each, Exception)]
    refused = {type(each) for each in done if isinstance(each, Exception)}
    assert (len(made), refused) == (1, {RequestOpen})
    assert len(await desk.cases.of_decision(record.decision_id)) == 1


async def test_an_accepted_correction_decides_again_and_is_the_answer(desk: ApplicantDesk) -> None:
    record, token = await declined(desk)
    request = await desk.correct(token, annual_inc=STRONG_INCOME)
    case = await desk.claim(request)
    accept = desk.use_cases.accept_correction
    where = (record.decision_id, request.reconsideration_id)
    accepted = await accept(*where, by=UMA, seen=case.version, received_through="web")
    made = await desk.store.archive.find(accepted.decision_id)
    assert isinstance(made, DecisionRecord)
    assert (made.supersedes, made.supersedes_reason) == (record.decision_id, SupersedesReason.CORRECTION)
    assert PERSONAL_LOAN.values_of(made.application)["annual_inc"] == 200_000
    assert made.decision.outcome is Outcome.APPROVED
    answer = accepted.request.answer
    assert answer is not None
    assert (answer.state, answer.reason, answer.decision_id) == (
        ReconsiderationState.OVERTURNED,
        AnswerReason.CORRECTION_ACCEPTED,
        made.decision_id,
    )
    assert accepted.request.answered_by == UMA.name
    again = await accept(*where, by=UMA, seen=case.version, received_through="web")
    assert (again.replayed, again.decision_id) == (True, made.decision_id)
    page = await desk.use_cases.applicant_page(token, address=ADDRESS)
    assert (page.state, page.offer is not None, page.reasons) == ("approved", True, ())
    assert page.requests[0].state is ReconsiderationState.OVERTURNED


async def test_a_correction_that_changes_nothing_is_upheld(desk: ApplicantDesk) -> None:
    record, token = await declined(desk)
    request = await desk.correct(token, annual_inc="21000")
    case = await desk.claim(request)
    accepted = await desk.use_cases.accept_correction(
        record.decision_id, request.reconsideration_id, by=UMA, seen=case.version, received_through="api"
    )
    assert accepted.request.state is ReconsiderationState.UPHELD


async def test_only_the_holder_of_the_case_accepts_a_correction(desk: ApplicantDesk) -> None:
    record, token = await declined(desk)
    request = await desk.correct(token, annual_inc=STRONG_INCOME)

    async def accept(by: Actor, seen: int) -> None:
        await desk.use_cases.accept_correction(
            record.decision_id, request.reconsideration_id, by=by, seen=seen, received_through="web"
        )

    with pytest.raises(CaseNotClaimed):
        await accept(UMA, 2)
    case = await desk.claim(request)
    with pytest.raises(CaseHeld):
        await accept(UDO, case.version)
    with pytest.raises(CaseChanged):
        await accept(UMA, case.version - 1)
    for person in (CORA, PORTAL):  # may not decide on applications, may not answer
        with pytest.raises(PermissionDenied):
            await accept(person, case.version)
    assert (await desk.present(request)).is_open


@pytest.mark.parametrize(
    ("outcome", "state"),
    [
        (FinalOutcome.DECLINED, ReconsiderationState.UPHELD),
        (FinalOutcome.APPROVED, ReconsiderationState.OVERTURNED),
    ],
)
async def test_a_resolved_case_is_the_answer(
    desk: ApplicantDesk, outcome: FinalOutcome, state: ReconsiderationState
) -> None:
    _, token = await declined(desk)
    request = await desk.ask(token, text="My debts are paid.")
    case = await desk.resolve(request, outcome, SARA)
    if case.state is CaseState.AWAITING_SECOND_APPROVAL:
        assert await desk.use_cases.answer_requests() == 0
        held = await desk.work.claim(case.case_id, by=replace(SARA, name="sofia"), seen=case.version)
        await desk.work.second_approval(
            case.case_id, by=replace(SARA, name="sofia"), seen=held.case.version, approve=True
        )
    before = await desk.use_cases.applicant_page(token, address=ADDRESS)
    assert before.requests[0].state is state  # shown before it is recorded
    assert await desk.use_cases.answer_requests() == 1
    assert await desk.use_cases.answer_requests() == 0
    answered = await desk.present(request)
    assert answered.answer is not None
    assert (answered.state, answered.answer.reason) == (state, AnswerReason.REVIEWED)
    after = await desk.use_cases.applicant_page(token, address=ADDRESS)
    assert (after.state, bool(after.reasons)) == (outcome.value, outcome is FinalOutcome.DECLINED)
    if outcome is FinalOutcome.DECLINED:
        await desk.correct(token, form="form-2", annual_inc="60,000")  # and once more, about something else


async def test_a_persons_decline_is_changed_by_resolving_only(desk: ApplicantDesk) -> None:
    record, token = await declined(desk)
    await desk.resolve(await desk.ask(token), FinalOutcome.DECLINED, SARA)
    request = await desk.correct(token, form="form-2", annual_inc=STRONG_INCOME)
    case = await desk.claim(request)
    with pytest.raises(CorrectionNeedsResolution, match="sara declined"):
        await desk.use_cases.accept_correction(
            record.decision_id, request.reconsideration_id, by=UMA, seen=case.version, received_through="web"
        )


async def test_a_request_in_words_cannot_be_accepted_as_a_correction(desk: ApplicantDesk) -> None:
    record, token = await declined(desk)
    request = await desk.correct(token, text="The public record is not mine.")
    case = await desk.claim(request)
    where = (record.decision_id, request.reconsideration_id)
    with pytest.raises(NotACorrection):
        await desk.use_cases.accept_correction(*where, by=UMA, seen=case.version, received_through="web")
    await desk.work.resolve(case.case_id, wanted(FinalOutcome.DECLINED), by=UMA, seen=case.version)
    await desk.use_cases.answer_requests()
    with pytest.raises(AlreadyAnswered):
        await desk.use_cases.accept_correction(*where, by=UMA, seen=case.version, received_through="web")


async def test_a_request_is_added_to_the_open_case_of_a_referral(desk: ApplicantDesk) -> None:
    record = await desk.decide(**WEAK | {"loan_amnt": 9_000})
    assert record.decision.outcome is Outcome.REFERRED
    token = await desk.link(record)
    with pytest.raises(NothingToReconsider):
        await desk.ask(token)
    request = await desk.correct(token, annual_inc=STRONG_INCOME)
    assert request.case_id == record.decision_id
    assert len(await desk.cases.of_decision(record.decision_id)) == 1
    case = await desk.claim(request)
    accepted = await desk.use_cases.accept_correction(
        record.decision_id, request.reconsideration_id, by=UMA, seen=case.version, received_through="web"
    )
    ended = await desk.cases.find(record.decision_id)
    assert ended is not None
    assert ended.state is CaseState.WITHDRAWN
    made = await desk.store.archive.find(accepted.decision_id)
    assert isinstance(made, DecisionRecord)
    assert accepted.request.is_open is (made.decision.outcome is Outcome.REFERRED)


async def test_what_cannot_be_used_is_refused_with_every_fault(desk: ApplicantDesk) -> None:
    record, token = await declined(desk)
    with pytest.raises(InvalidRequest) as refused:
        await desk.correct(token, annual_inc="a lot", emp_length="forever", fico_range_low="800", text="x" * 1001)
    assert set(refused.value.faults) == {"annual_inc", "emp_length", "fico_range_low"}
    for values in ({}, {"annual_inc": "20000"}):  # nothing, and what is known already
        with pytest.raises(InvalidRequest):
            await desk.correct(token, **values)
    with pytest.raises(InvalidRequest):
        await desk.ask(token, text="x" * 1001)
    assert not await desk.cases.of_decision(record.decision_id)


async def test_an_application_has_a_small_number_of_requests(desk: ApplicantDesk) -> None:
    _, token = await declined(desk)
    for number in range(5):
        request = await desk.ask(token, form=f"form-{number}")
        await desk.resolve(request, FinalOutcome.DECLINED, SARA)
    with pytest.raises(TooManyRequests):
        await desk.ask(token, form="form-5")
    page = await desk.use_cases.applicant_page(token, address=ADDRESS)
    assert (len(page.requests), page.kinds) == (5, frozenset())


async def test_a_withdrawn_application_closes_its_request(desk: ApplicantDesk) -> None:
    record, token = await declined(desk)
    request = await desk.ask(token)
    await desk.lives.withdraw(record.decision_id, WithdrawalReason.NO_LONGER_NEEDED, by=UMA)
    assert await desk.use_cases.answer_requests() == 1
    assert (await desk.present(request)).state is ReconsiderationState.CLOSED
    with pytest.raises(NothingToReconsider):
        await desk.ask(token, form="form-2")


async def test_a_decision_made_again_for_another_reason_is_the_answer(desk: ApplicantDesk) -> None:
    record, token = await declined(desk)
    request = await desk.ask(token)
    again = AssessmentRequest(
        a_loan_application(**{**WEAK, "annual_inc": 200_000}),
        PORTAL,
        "api",
        supersedes=Superseding(record.decision_id, SupersedesReason.NEW_BUREAU_DATA),
    )
    made = (await desk.supersede(again)).record
    assert await desk.use_cases.answer_requests() == 1
    answered = await desk.present(request)
    assert answered.answer is not None
    assert (answered.state, answered.answer.reason, answered.answer.decision_id) == (
        ReconsiderationState.OVERTURNED,
        AnswerReason.DECIDED_AGAIN,
        made.decision_id,
    )
    assert answered.answered_by == PORTAL.name


async def test_a_case_that_waits_in_vain_for_the_applicant_is_the_answer(desk: ApplicantDesk) -> None:
    _, token = await declined(desk)
    request = await desk.ask(token)
    case = await desk.claim(request)
    await desk.work.request_information(case.case_id, "Pay slips, please.", by=UMA, seen=case.version)
    page = await desk.use_cases.applicant_page(token, address=ADDRESS)
    assert page.awaited is not None
    assert page.awaited.text == "Pay slips, please."
    desk.wait(timedelta(days=15))
    changes = desk.use_cases.ask.changes
    assert await ExpireUnansweredCases(changes)(by=Actor("system:service", Role.AUDITOR)) == 1
    assert await desk.use_cases.answer_requests() == 1
    answered = await desk.present(request)
    assert answered.answer is not None
    assert (answered.state, answered.answer.reason) == (
        ReconsiderationState.UPHELD,
        AnswerReason.NO_INFORMATION,
    )


async def test_an_answer_is_recorded_later_if_the_process_ends_after_the_decision(desk: ApplicantDesk) -> None:
    """The decision is durable first; the periodic task, and a repeated request, complete the answer."""
    record, token = await declined(desk)
    request = await desk.correct(token, annual_inc=STRONG_INCOME)
    case = await desk.claim(request)

    class Killed(AnswerRequests):
        async def of(self, application_id: UUID) -> bool:
            raise SystemExit

    accept = desk.use_cases.accept_correction
    killed = replace(
        accept, answer=Killed(**{each.name: getattr(accept.answer, each.name) for each in fields(accept.answer)})
    )
    where = (record.decision_id, request.reconsideration_id)
    with pytest.raises(SystemExit):
        await killed(*where, by=UMA, seen=case.version, received_through="web")
    assert (await desk.present(request)).is_open
    again = await accept(*where, by=UMA, seen=case.version, received_through="web")
    assert (again.replayed, again.request.state) == (True, ReconsiderationState.OVERTURNED)
    assert (await desk.present(request)).state is ReconsiderationState.OVERTURNED


async def test_a_corrected_application_that_is_referred_again_is_answered_by_a_person(desk: ApplicantDesk) -> None:
    record, token = await declined(desk)
    request = await desk.correct(token, annual_inc="26000")
    case = await desk.claim(request)
    accepted = await desk.use_cases.accept_correction(
        record.decision_id, request.reconsideration_id, by=UMA, seen=case.version, received_through="web"
    )
    made = await desk.store.archive.find(accepted.decision_id)
    assert isinstance(made, DecisionRecord)
    assert made.decision.outcome is Outcome.REFERRED
    assert accepted.request.is_open
    assert await desk.use_cases.answer_requests() == 0
    referral = (await desk.work.claim(made.decision_id, by=UMA, seen=0)).case
    await desk.work.resolve(referral.case_id, wanted(FinalOutcome.DECLINED), by=UMA, seen=referral.version)
    assert await desk.use_cases.answer_requests() == 1
    answered = await desk.present(request)
    assert answered.answer is not None
    assert (answered.state, answered.answer.reason) == (
        ReconsiderationState.UPHELD,
        AnswerReason.CORRECTION_ACCEPTED,
    )


async def test_what_the_applicant_wrote_is_not_on_the_trail(desk: ApplicantDesk) -> None:
    _, token = await declined(desk)
    await desk.correct(token, annual_inc="123456", text="Call 555-0199, Jane.")
    documents = [document async for _, document in desk.store.trail.entries() if document]
    assert not any(word in document for word in (b"123456", b"Jane", b"555-0199") for document in documents)


async def test_erased_words_leave_the_request_and_cannot_be_accepted(
    desk_in_postgres: ApplicantDesk, migrated_url: str
) -> None:
    desk = desk_in_postgres
    record, token = await declined(desk)
    request = await desk.correct(token, annual_inc=STRONG_INCOME)
    case = await desk.claim(request)
    for change in (
        "UPDATE reconsideration_contents SET content = replace(content, '200000', '900000')",
        "DELETE FROM reconsideration_contents",
    ):
        execute(migrated_url, change)
        found = await desk.use_cases.request_of_case(request.case_id, by=UMA)
        assert found is not None
        assert found.content is None
        with pytest.raises(ContentErased):
            await desk.use_cases.accept_correction(
                record.decision_id, request.reconsideration_id, by=UMA, seen=case.version, received_through="web"
            )


async def test_a_link_opens_nothing_after_its_row_is_erased(
    desk_in_postgres: ApplicantDesk, migrated_url: str
) -> None:
    _, token = await declined(desk_in_postgres)
    await desk_in_postgres.use_cases.applicant_page(token, address=ADDRESS)
    execute(migrated_url, "DELETE FROM applicant_links")
    with pytest.raises(LinkNotValid):
        await desk_in_postgres.use_cases.applicant_page(token, address=ADDRESS)


async def test_the_second_of_two_changes_of_the_same_file_conflicts(desk: ApplicantDesk) -> None:
    record, _ = await declined(desk)
    file = await desk.requests.file_of(record.decision_id)
    link_id = next(iter(file.links))
    for outcome in (None, ReconsiderationConflict):
        action = file.revoke_link(link_id, by=UMA, at=desk.clock.now(), action_id=uuid4())
        change = ReconsiderationChange(action, file.after(action))
        if outcome is None:
            await desk.requests.append(change)
        else:
            with pytest.raises(outcome):
                await desk.requests.append(change)


@pytest.mark.parametrize(
    ("change", "found"),
    [
        ("UPDATE applicant_links SET expires_at = now() + interval '9 years'", "expires_at is"),
        ("UPDATE applicant_links SET revoked_at = NULL", "revoked_at is None instead of"),
        (
            "UPDATE reconsiderations SET state = 'overturned', answered_at = now()",
            "state is overturned instead of",
        ),
        ("UPDATE reconsiderations SET due_at = due_at + interval '9 days'", "due_at is"),
        ("DELETE FROM reconsiderations", "is missing: it was removed"),
        (
            "INSERT INTO applicant_links SELECT gen_random_uuid(), application_id, decision_id, made_at, made_by, "
            "expires_at FROM applicant_links LIMIT 1",
            "is stored, but no action made it",
        ),
        ("UPDATE cases SET request_due_at = NULL", "request_due_at is None instead of"),
    ],
)
async def test_altered_rows_are_found(
    migrated_url: str, altered_desk: ApplicantDesk, change: str, found: str
) -> None:
    record, token = await declined(altered_desk)
    made = await altered_desk.use_cases.make_link(record.decision_id, by=UMA)
    await altered_desk.use_cases.revoke_link(record.decision_id, made.link.link_id, by=UMA)
    await altered_desk.ask(token)
    engine = database_engine(migrated_url)
    await check_states(engine)
    execute(migrated_url, change)
    with pytest.raises(AssertionError, match=found):
        await check_states(engine)
    await engine.dispose()
