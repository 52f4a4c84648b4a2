"""The contract of every store of notices: what makes one due, and what ends the need for it."""

import asyncio
from datetime import datetime, timedelta

import pytest

from adapters.persistence.database.connections import database_engine
from adapters.persistence.database.privileges import API
from adapters.persistence.database.service_roles import grant_privileges
from application.ports.notices.notices import NoticeConflict
from domain.access.user import Actor, Role
from domain.applications.application_action import WithdrawalReason
from domain.cases.claiming import CaseClaimed
from domain.cases.endings import CaseExpired
from domain.cases.information import InformationReceived, InformationRequested
from domain.cases.referral_case import ReferralCase
from domain.notices.cancelling import CancellationReason, NoticeCancelled
from domain.notices.notice import Notice
from domain.notices.notice_errors import NoticeNotOwed
from domain.notices.notice_kind import NoticeKind
from domain.notices.notice_state import NoticeCause, NoticeState
from domain.policies.final_outcome import FinalOutcome
from domain.policies.outcome import Outcome
from support.builders import A_MOMENT
from support.databases import a_login, connected
from support.notice_desk import (
    DAY,
    LETTERS,
    NOTICE_CLOCK,
    NoticeDesk,
    notice_desk,
    notice_desk_in_postgres,
)

__all__ = ["notice_desk", "notice_desk_in_postgres"]


def ends(day: int) -> datetime:
    """The end of the lender's day, so many days after the day of A_MOMENT."""
    return NOTICE_CLOCK.end_of(NOTICE_CLOCK.day(A_MOMENT) + timedelta(days=day))


async def reason_of(desk: NoticeDesk, notice: Notice) -> CancellationReason:
    """Why the notice was cancelled."""
    assert (await desk.notice(notice.notice_id)).state is NoticeState.CANCELLED
    (action,) = await desk.notices.actions(notice.notice_id)
    assert isinstance(action.details, NoticeCancelled)
    assert action.actor.name == "system:service"
    return action.details.reason


async def asked(desk: NoticeDesk, case: ReferralCase, days: int = 14) -> ReferralCase:
    details = InformationRequested("Two pay slips, please.", desk.now + days * DAY)
    return (await desk.work(case, CaseClaimed(), details))[0]


async def test_a_decline_makes_a_notice_due_in_thirty_days(notice_desk: NoticeDesk) -> None:
    declined = await notice_desk.decide(Outcome.DECLINED)
    await notice_desk.decide(Outcome.APPROVED)
    await notice_desk.decide(Outcome.REFERRED)
    await notice_desk.decide(Outcome.DECLINED, trial=True)
    assert await notice_desk.due() == [
        Notice(
            notice_id=declined.decision_id,
            kind=NoticeKind.ADVERSE_ACTION,
            cause=NoticeCause.DECISION,
            decision_id=declined.decision_id,
            application_id=declined.decision_id,
            received_at=declined.decided_at,
            due_at=ends(30),
            requested_by=declined.requested_by.name,
            application_reference=declined.identity.application_reference,
            applicant_reference="P-1",
        )
    ]


async def test_a_file_of_declines_makes_each_notice_due_once(notice_desk: NoticeDesk) -> None:
    records = [notice_desk._decided(Outcome.DECLINED) for _ in range(30)]
    await notice_desk.store.ledger.record_all(records)
    await asyncio.gather(*(notice_desk.follower.follow(7) for _ in range(3)))
    assert {each.notice_id for each in await notice_desk.due()} == {each.decision_id for each in records}


async def test_a_decline_by_a_person_is_due_from_the_receipt_of_the_application(notice_desk: NoticeDesk) -> None:
    record = await notice_desk.decide(Outcome.REFERRED)
    notice_desk.wait(10 * DAY)
    case, _ = await notice_desk.work(await notice_desk.case(record), CaseClaimed())
    final_decision_id = await notice_desk.resolve(case, FinalOutcome.DECLINED)
    (notice,) = await notice_desk.due()
    assert (notice.notice_id, notice.cause) == (final_decision_id, NoticeCause.FINAL_DECISION)
    assert (notice.kind, notice.due_at) == (NoticeKind.ADVERSE_ACTION, ends(30))


async def test_information_received_starts_the_clock_again(notice_desk: NoticeDesk) -> None:
    record = await notice_desk.decide(Outcome.REFERRED)
    case = await asked(notice_desk, await notice_desk.case(record))
    (request,) = await notice_desk.due()
    assert (request.kind, request.cause) == (NoticeKind.INCOMPLETE, NoticeCause.INFORMATION_REQUESTED)
    assert request.due_at == notice_desk.now + 14 * DAY
    notice_desk.wait(9 * DAY)
    case, _ = await notice_desk.work(case, CaseClaimed(), InformationReceived("Two pay slips."))
    assert await notice_desk.due() == []
    assert await reason_of(notice_desk, request) is CancellationReason.NOT_AWAITED
    notice_desk.wait(DAY / 2)
    await notice_desk.resolve(case, FinalOutcome.DECLINED)
    (notice,) = await notice_desk.due()
    assert (notice.received_at, notice.due_at) == (A_MOMENT + 9 * DAY, ends(39))


async def test_a_counter_offer_is_one_combined_notice(notice_desk: NoticeDesk) -> None:
    record = await notice_desk.decide(Outcome.REFERRED)
    case, _ = await notice_desk.work(await notice_desk.case(record), CaseClaimed())
    await notice_desk.resolve(case, FinalOutcome.COUNTER_OFFER)
    (notice,) = await notice_desk.due()
    assert (notice.kind, notice.due_at) == (NoticeKind.COUNTER_OFFER, ends(30))
    await notice_desk.accept(record)
    assert await notice_desk.due() == []
    assert await reason_of(notice_desk, notice) is CancellationReason.ACCEPTED


async def test_an_approval_by_a_person_makes_none_due(notice_desk: NoticeDesk) -> None:
    record = await notice_desk.decide(Outcome.REFERRED)
    case, _ = await notice_desk.work(await notice_desk.case(record), CaseClaimed())
    await notice_desk.resolve(case, FinalOutcome.APPROVED)
    assert await notice_desk.all() == []


@pytest.mark.parametrize("in_time", [True, False])
async def test_an_unanswered_request_owes_an_adverse_action_notice_unless_a_letter_asked_in_time(
    notice_desk: NoticeDesk, in_time: bool
) -> None:
    record = await notice_desk.decide(Outcome.REFERRED)
    case = await asked(notice_desk, await notice_desk.case(record))
    (request,) = await notice_desk.due()
    request = await notice_desk.issue(request)
    if in_time:
        await notice_desk.deliver(request)
    notice_desk.wait(15 * DAY)
    _, expired = await notice_desk.work(case, CaseExpired())
    notice = await notice_desk.notice(expired)
    assert (notice.cause, notice.received_at) == (NoticeCause.CASE_EXPIRED, notice_desk.now)
    assert notice.due_at == ends(45)
    if in_time:
        assert await reason_of(notice_desk, notice) is CancellationReason.ASKED_IN_TIME
        return
    assert notice.state is NoticeState.DUE
    await notice_desk.deliver(request)  # too late
    assert await notice_desk.due() == [notice]


async def test_a_request_that_was_not_sent_is_replaced_by_the_notice_of_the_closing(
    notice_desk: NoticeDesk,
) -> None:
    record = await notice_desk.decide(Outcome.REFERRED)
    case = await asked(notice_desk, await notice_desk.case(record))
    (request,) = await notice_desk.due()
    notice_desk.wait(15 * DAY)
    await notice_desk.work(case, CaseExpired())
    (notice,) = await notice_desk.due()
    assert (notice.kind, notice.cause) == (NoticeKind.ADVERSE_ACTION, NoticeCause.CASE_EXPIRED)
    assert await reason_of(notice_desk, request) is CancellationReason.NOT_AWAITED


@pytest.mark.parametrize(
    ("reason", "owed"),
    [(WithdrawalReason.OTHER_LENDER, False), (WithdrawalReason.INFORMATION_NOT_PROVIDED, True)],
)
async def test_an_application_that_the_applicant_withdraws_owes_nothing(
    notice_desk: NoticeDesk, reason: WithdrawalReason, owed: bool
) -> None:
    """Closing it because the applicant did not provide something is no withdrawal by the applicant."""
    record = await notice_desk.decide(Outcome.REFERRED)
    case, _ = await notice_desk.work(await notice_desk.case(record), CaseClaimed())
    await notice_desk.resolve(case, FinalOutcome.COUNTER_OFFER)
    (offer,) = await notice_desk.due()
    notice_desk.wait(3 * DAY)
    closed = await notice_desk.withdraw(record, reason)
    due = await notice_desk.due()
    assert await reason_of(notice_desk, offer) is CancellationReason.WITHDRAWN
    assert [(each.notice_id, each.cause) for each in due] == (
        [(closed, NoticeCause.APPLICATION_CLOSED)] if owed else []
    )
    assert all(each.due_at == ends(30) for each in due), "the counter-offer's time goes on"


async def test_a_superseding_decision_replaces_the_notice_and_does_not_extend_its_time(
    notice_desk: NoticeDesk,
) -> None:
    first = await notice_desk.decide(Outcome.DECLINED)
    (earlier,) = await notice_desk.due()
    notice_desk.wait(20 * DAY)
    second = await notice_desk.supersede(first, Outcome.DECLINED)
    (notice,) = await notice_desk.due()
    assert (notice.notice_id, notice.application_id) == (second.decision_id, first.decision_id)
    assert notice.due_at == earlier.due_at
    assert await reason_of(notice_desk, earlier) is CancellationReason.SUPERSEDED
    third = await notice_desk.supersede(second, Outcome.APPROVED)
    assert await notice_desk.due() == []
    assert third.supersedes == second.decision_id


@pytest.mark.parametrize("first_outcome", [Outcome.DECLINED, Outcome.REFERRED])
@pytest.mark.parametrize("second_outcome", [Outcome.DECLINED, Outcome.REFERRED])
async def test_an_applicant_who_was_not_notified_waits_since_the_first_decision(
    notice_desk: NoticeDesk, first_outcome: Outcome, second_outcome: Outcome
) -> None:
    """The correction of an application that was complete gives no more time, also if a person decides then."""
    first = await notice_desk.decide(first_outcome)
    await notice_desk.follow()
    notice_desk.wait(20 * DAY)
    second = await notice_desk.supersede(first, second_outcome)
    if second_outcome is Outcome.REFERRED:
        notice_desk.wait(DAY)
        case, _ = await notice_desk.work(await notice_desk.case(second), CaseClaimed())
        await notice_desk.resolve(case, FinalOutcome.DECLINED)
    (notice,) = await notice_desk.due()
    assert (notice.received_at, notice.due_at) == (first.decided_at, ends(30))


async def test_the_closing_of_a_corrected_application_counts_from_the_closing(notice_desk: NoticeDesk) -> None:
    first = await notice_desk.decide(Outcome.REFERRED)
    case = await asked(notice_desk, await notice_desk.case(await notice_desk.supersede(first, Outcome.REFERRED)))
    notice_desk.wait(15 * DAY)
    await notice_desk.work(case, CaseExpired())
    (notice,) = await notice_desk.due()
    assert (notice.cause, notice.due_at) == (NoticeCause.CASE_EXPIRED, ends(45))


async def test_an_answer_or_an_approval_ends_the_wait_of_the_applicant(notice_desk: NoticeDesk) -> None:
    first = await notice_desk.decide(Outcome.REFERRED)
    case = await asked(notice_desk, await notice_desk.case(first))
    notice_desk.wait(9 * DAY)
    await notice_desk.work(case, CaseClaimed(), InformationReceived("Two pay slips."))
    notice_desk.wait(DAY)
    second = await notice_desk.supersede(first, Outcome.REFERRED)
    await notice_desk.follow()
    case = await asked(notice_desk, await notice_desk.case(second))
    (request,) = await notice_desk.due()
    assert request.received_at == A_MOMENT + 9 * DAY
    notice_desk.wait(10 * DAY)
    await notice_desk.work(case, CaseClaimed(), InformationReceived("The employer's letter."))
    third = await notice_desk.supersede(second, Outcome.DECLINED)
    (notice,) = await notice_desk.due()
    assert notice.due_at == ends(50)
    fourth = await notice_desk.supersede(third, Outcome.APPROVED)
    notice_desk.wait(40 * DAY)
    await notice_desk.supersede(fourth, Outcome.DECLINED)
    (notice,) = await notice_desk.due()
    assert notice.due_at == ends(90)


async def test_a_notice_belongs_to_the_owner_of_the_application(notice_desk: NoticeDesk) -> None:
    """Also after an officer decided the application of a service again, or a person decided its case."""
    los, marta = Actor("los", Role.SERVICE), Actor("marta", Role.LOAN_OFFICER)
    first = await notice_desk.decide(Outcome.APPROVED, requested_by=los)
    second = await notice_desk.supersede(first, Outcome.REFERRED, requested_by=marta)
    case, _ = await notice_desk.work(await notice_desk.case(second), CaseClaimed())
    await notice_desk.resolve(case, FinalOutcome.DECLINED)
    (notice,) = await notice_desk.due()
    assert (notice.requested_by, notice.decision_id) == ("los", second.decision_id)


async def test_after_an_issued_notice_a_second_decline_owes_a_second_one(notice_desk: NoticeDesk) -> None:
    first = await notice_desk.decide(Outcome.DECLINED)
    (earlier,) = await notice_desk.due()
    earlier = await notice_desk.issue(earlier)
    notice_desk.wait(40 * DAY)
    await notice_desk.supersede(first, Outcome.DECLINED)
    (notice,) = await notice_desk.due()
    assert notice.due_at == ends(70)
    assert await notice_desk.notice(earlier.notice_id) == earlier, "an issued notice stays as it was issued"


@pytest.mark.parametrize("was_issued", [True, False])
@pytest.mark.parametrize("outcome", [FinalOutcome.DECLINED, FinalOutcome.APPROVED])
async def test_a_review_owes_a_notice_of_its_own_if_the_decline_is_upheld(
    notice_desk: NoticeDesk, was_issued: bool, outcome: FinalOutcome
) -> None:
    record = await notice_desk.decide(Outcome.DECLINED)
    (earlier,) = await notice_desk.due()
    if was_issued:
        earlier = await notice_desk.issue(earlier)
    notice_desk.wait(5 * DAY)
    review = await notice_desk.review(record)
    assert await notice_desk.due() == ([] if was_issued else [earlier]), "a review alone changes nothing"
    notice_desk.wait(DAY)
    case, _ = await notice_desk.work(review, CaseClaimed())
    final_decision_id = await notice_desk.resolve(case, outcome)
    due = await notice_desk.due()
    if outcome is FinalOutcome.APPROVED:
        assert due == []
    else:
        assert [(each.notice_id, each.due_at) for each in due] == [
            (final_decision_id, ends(35 if was_issued else 30))
        ]
    if was_issued:
        assert await notice_desk.notice(earlier.notice_id) == earlier
    else:
        overturned = outcome is FinalOutcome.APPROVED
        expected = CancellationReason.OVERTURNED if overturned else CancellationReason.NEWER_DECISION
        assert await reason_of(notice_desk, earlier) is expected


async def test_everything_that_happened_before_the_trail_is_followed_counts_in_order(
    notice_desk: NoticeDesk,
) -> None:
    """The service was stopped meanwhile: the same notices are due as if it had followed all the time."""
    first = await notice_desk.decide(Outcome.DECLINED)
    second = await notice_desk.supersede(first, Outcome.REFERRED)
    case, _ = await notice_desk.work(await notice_desk.case(second), CaseClaimed())
    await notice_desk.resolve(case, FinalOutcome.APPROVED)
    other = await notice_desk.decide(Outcome.DECLINED)
    assert [each.notice_id for each in await notice_desk.due()] == [other.decision_id]
    found = await notice_desk.all(NoticeState.CANCELLED)
    assert [each.notice_id for each in found] == [first.decision_id]


async def test_a_letter_is_not_issued_for_what_no_longer_holds(notice_desk: NoticeDesk) -> None:
    """Also before the trail was followed: the preview may have been correct."""
    record = await notice_desk.decide(Outcome.DECLINED)
    (notice,) = await notice_desk.due()
    await notice_desk.supersede(record, Outcome.APPROVED)
    with pytest.raises(NoticeNotOwed, match="a later decision on the application superseded this one"):
        await notice_desk.issue(notice)
    assert await notice_desk.notices.letter(notice.notice_id, LETTERS[0][0]) is None
    assert await reason_of(notice_desk, notice) is CancellationReason.SUPERSEDED


async def test_a_letter_and_a_cancellation_at_the_same_moment_exclude_each_other(notice_desk: NoticeDesk) -> None:
    record = await notice_desk.decide(Outcome.DECLINED)
    (notice,) = await notice_desk.due()
    await notice_desk.supersede(record, Outcome.APPROVED)
    refused, _ = await asyncio.gather(
        notice_desk.issue(notice), notice_desk.follower.follow(1000), return_exceptions=True
    )
    assert isinstance(refused, (NoticeNotOwed, NoticeConflict))
    assert await reason_of(notice_desk, notice) is CancellationReason.SUPERSEDED


async def test_a_follower_that_is_killed_loses_and_repeats_nothing(
    notice_desk_in_postgres: NoticeDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = notice_desk_in_postgres
    first = await desk.decide(Outcome.DECLINED)
    await desk.follow()
    second = await desk.supersede(first, Outcome.DECLINED)
    with monkeypatch.context() as failing:
        failing.setattr("adapters.persistence.notices.notice_follower.write_change", _killed)
        with pytest.raises(KeyboardInterrupt):
            await desk.follower.follow(1000)
    async with connected(desk.url) as connection:
        assert await connection.fetchval("SELECT count(*) FROM notices") == 1
    assert [each.notice_id for each in await desk.due()] == [second.decision_id]


async def _killed(*_given: object) -> None:
    raise KeyboardInterrupt


async def test_a_request_whose_document_cannot_be_read_still_owes_its_notice(
    notice_desk_in_postgres: NoticeDesk,
) -> None:
    desk = notice_desk_in_postgres
    record = await desk.decide(Outcome.REFERRED)
    await asked(desk, await desk.case(record))
    async with connected(desk.url) as connection:
        await connection.execute("SET session_replication_role = replica")
        whole = await connection.fetch("SELECT action_id, document FROM case_actions")
        await connection.execute("UPDATE case_actions SET document = '{' || document")
        (notice,) = await desk.due()
        assert notice.due_at == ends(30)
        for row in whole:
            await connection.execute(
                "UPDATE case_actions SET document = $2 WHERE action_id = $1", row["action_id"], row["document"]
            )
        assert "which is later than" in await desk.state_faults()  # now that the document states the time
        await connection.execute("UPDATE notices SET due_at = received_at + interval '1 day'")


async def test_the_database_role_of_the_api_has_the_rights_to_follow_and_issue(
    notice_desk_in_postgres: NoticeDesk,
) -> None:
    desk = notice_desk_in_postgres
    first = await desk.decide(Outcome.DECLINED)
    await grant_privileges(desk.url)
    with a_login(desk.url, f"IN ROLE {API}") as url:
        engine = database_engine(url)
        own = desk.over(engine)
        second = await desk.supersede(first, Outcome.DECLINED)
        (notice,) = await own.due()
        assert notice.notice_id == second.decision_id
        sent = await own.deliver(await own.issue(notice))
        assert sent.state is NoticeState.DELIVERED
        await engine.dispose()
