"""People issue and deliver notices; nothing is shown, sent or lost that should not be."""

import asyncio
from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from application.ports.decisions.idempotency import IdempotencyKey, KeyReused
from application.ports.notices.notices import (
    LetterFormat,
    NoticeAlreadyClaimed,
    NoticeConflict,
    NoticeFilter,
    NoticeNotFound,
)
from application.use_cases.decisions.read_decisions import DecisionNotFound, DecisionUnreadable, PageTooLarge
from application.use_cases.notices.deliver_notice import LetterAltered
from application.use_cases.reconsiderations.applicant_links import LinkTerms
from domain.access.user import Actor, PermissionDenied, Role
from domain.cases.resolution_errors import OwnViewRequired
from domain.notices.completeness import NoticeIncomplete
from domain.notices.content import Addressee
from domain.notices.issuing import DeliveryMethod, NoticeIssued
from domain.notices.letterhead import Letterhead
from domain.notices.notice import Notice
from domain.notices.notice_errors import (
    InvalidDelivery,
    NoticeChanged,
    NoticeNotOwed,
    NoticeStateForbids,
)
from domain.notices.notice_kind import NoticeKind
from domain.notices.notice_state import NoticeState
from domain.policies.final_outcome import FinalOutcome
from domain.policies.outcome import Outcome
from support.cases import SARA, UDO, UMA
from support.desk import Desk
from support.letters import ADDRESSEE, LETTERHEAD
from support.memory.letters import PlainLetters
from support.memory.notice_use_cases import FollowingNotices, notices_over
from support.memory.reconsiderations import PAGE_URL, reconsiderations_over
from support.memory.superseding import memory_superseding

CARLA = Actor("carla", Role.COMPLIANCE)
ARTHUR = Actor("arthur", Role.AUDITOR)
KEY = IdempotencyKey("k-1")


class NoticeDesk(Desk):
    """The desk with notices."""

    def __init__(self, letterhead: Letterhead = LETTERHEAD, **terms: Any) -> None:
        super().__init__(**terms)
        reconsiderations = reconsiderations_over(
            self.decisions,
            self.applications,
            self.cases,
            self.policies,
            self.clock,
            memory_superseding(self.decisions),  # type: ignore[arg-type] # corrections are not made here
        )
        self.links = reconsiderations.make_link
        self.revoke = reconsiderations.revoke_link
        self.notices = notices_over(
            self.decisions,
            self.cases,
            self.policies,
            self.models,
            self.clock,
            reconsiderations,
            letterhead,
            PlainLetters(),
        )

    @property
    def store(self) -> FollowingNotices:
        found = self.notices.list_notices.notices
        assert isinstance(found, FollowingNotices)
        return found

    async def declined(self, **values: Any) -> Notice:
        """The notice of a decline by the system."""
        record = await self.refer(outcome=Outcome.DECLINED, **values)
        found = await self.store.find(record.decision_id)
        assert found is not None
        return found

    async def issue(self, notice: Notice, by: Actor = CARLA, **values: Any) -> Notice:
        return (await self.notices.issue(notice.notice_id, by=by, seen=notice.version, **values)).notice

    async def letter(self, notice: Notice, form: LetterFormat = LetterFormat.PDF, by: Actor = CARLA) -> bytes:
        return await self.notices.read_letter(notice.notice_id, form, by=by)

    async def deliver(self, notice: Notice, on: date | None = None, by: Actor = CARLA, **values: Any) -> Notice:
        record = self.notices.record_delivery
        given = {"by": by, "seen": notice.version, **values}
        day = on or self.clock.now().date()
        return (await record(notice.notice_id, DeliveryMethod.MAIL, day, **given)).notice


@pytest.fixture
def desk() -> NoticeDesk:
    return NoticeDesk()


async def test_the_issued_letter_is_the_previewed_one_with_a_link_of_its_own(desk: NoticeDesk) -> None:
    notice = await desk.declined()
    draft = await desk.notices.preview(notice.notice_id, by=CARLA, addressee=ADDRESSEE)
    issued = await desk.issue(notice, addressee=ADDRESSEE)
    assert (issued.state, issued.changed_by) == (NoticeState.ISSUED, "carla")
    letter = (await desk.letter(issued, LetterFormat.HTML)).decode()
    assert f"{PAGE_URL}/applicant/..." in draft.letter.html.decode()
    assert f"{PAGE_URL}/applicant/" in letter
    assert "/applicant/..." not in letter
    assert draft.content.preview
    assert "preview=False" in letter
    assert ADDRESSEE.name in letter
    (action,) = await desk.store.actions(notice.notice_id)
    assert isinstance(action.details, NoticeIssued)
    assert action.details.reasons == tuple([reason.code for reason in draft.content.reasons])
    documents = [document async for _, document in desk.decisions.entries() if document and b"notice" in document]
    assert all(ADDRESSEE.name.encode() not in document for document in documents), "the trail has no personal data"


async def test_without_a_public_page_the_letter_has_no_link(desk: NoticeDesk) -> None:
    links = replace(desk.notices.issue.links, make_link=replace(desk.links, terms=LinkTerms(None)))
    desk.notices = replace(
        desk.notices,
        issue=replace(desk.notices.issue, links=links),
        preview=replace(desk.notices.preview, links=links),
    )
    notice = await desk.declined()
    assert (await desk.notices.preview(notice.notice_id, by=CARLA)).content.applicant_page is None
    assert b"applicant_page=None" in await desk.letter(await desk.issue(notice))


async def test_an_application_with_as_many_links_as_possible_gets_a_letter_without_one(desk: NoticeDesk) -> None:
    notice = await desk.declined()
    for _ in range(20):
        await desk.links(notice.application_id, by=CARLA)
    assert b"applicant_page=None" in await desk.letter(await desk.issue(notice))


async def test_a_letter_has_a_valid_link_after_an_attempt_whose_link_was_revoked(desk: NoticeDesk) -> None:
    notice = await desk.declined()
    made = desk.notices.issue.links.made
    first = await made(notice, by=CARLA)
    assert await made(notice, by=CARLA) == first
    (link,) = (await desk.links.store.file_of(notice.application_id)).links.values()
    await desk.revoke(notice.application_id, link.link_id, by=CARLA)
    issued = await desk.issue(notice)
    assert first is not None
    letter = (await desk.letter(issued, LetterFormat.HTML)).decode()
    assert first.address not in letter
    assert f"{PAGE_URL}/applicant/" in letter


async def test_nothing_is_issued_while_something_required_is_missing() -> None:
    desk = NoticeDesk(Letterhead())
    notice = await desk.declined()
    for attempt in (desk.notices.preview(notice.notice_id, by=CARLA), desk.issue(notice)):
        with pytest.raises(NoticeIncomplete) as incomplete:
            await attempt
        assert len(incomplete.value.missing) >= 5
    assert await desk.store.find(notice.notice_id) == notice
    with pytest.raises(NoticeStateForbids, match="this notice is due: it has no letter"):
        await desk.letter(notice)


async def test_reissuing_gives_the_same_bytes_whatever_has_changed(desk: NoticeDesk) -> None:
    issued = await desk.issue(await desk.declined())
    first = [await desk.letter(issued, form) for form in LetterFormat]
    desk.wait(timedelta(days=400))
    record = await desk.decisions.find(issued.decision_id)
    desk.decisions.damage(issued.decision_id, "it is not JSON")
    assert record is not None
    assert [await desk.letter(issued, form, by=ARTHUR) for form in LetterFormat] == first


async def test_an_altered_or_missing_letter_is_not_served(desk: NoticeDesk) -> None:
    issued = await desk.issue(await desk.declined())
    place = issued.notice_id, LetterFormat.PDF
    desk.store.letters[place] += b" "
    with pytest.raises(LetterAltered, match=r"the pdf letter of notice .* was altered: restore it from a backup"):
        await desk.letter(issued)
    assert await desk.letter(issued, LetterFormat.HTML)
    del desk.store.letters[place]
    with pytest.raises(LetterAltered, match="is missing"):
        await desk.letter(issued)


async def test_a_double_click_issues_once_and_both_get_the_notice(desk: NoticeDesk) -> None:
    notice = await desk.declined()
    act = [desk.notices.issue(notice.notice_id, by=CARLA, seen=0, key=KEY) for _ in range(2)]
    first, second = await asyncio.gather(*act)
    assert first.notice == second.notice
    assert sorted([first.replayed, second.replayed]) == [False, True]
    again = await desk.notices.issue(notice.notice_id, by=CARLA, seen=0, key=KEY)
    assert again.replayed
    other = Addressee("Somebody else")
    with pytest.raises(KeyReused):
        await desk.notices.issue(notice.notice_id, by=CARLA, seen=0, key=KEY, addressee=other)


async def test_a_key_that_was_claimed_and_lost_is_reported(
    desk: NoticeDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    notice = await desk.declined()

    async def claimed(_change: object) -> None:
        raise NoticeAlreadyClaimed

    monkeypatch.setattr(desk.store, "append", claimed)
    with pytest.raises(NoticeConflict, match="repeat the request"):
        await desk.notices.issue(notice.notice_id, by=CARLA, seen=0, key=KEY)


async def test_a_conflict_without_another_version_is_reported(
    desk: NoticeDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    notice = await desk.declined()

    async def conflict(_change: object) -> None:
        raise NoticeConflict("the notice was changed at the same time")

    monkeypatch.setattr(desk.store, "append", conflict)
    with pytest.raises(NoticeConflict):
        await desk.issue(notice)


async def test_of_two_officers_the_second_learns_who_was_first(desk: NoticeDesk) -> None:
    notice = await desk.declined()
    results = await asyncio.gather(desk.issue(notice, UMA), desk.issue(notice, UDO), return_exceptions=True)
    (refused,) = [each for each in results if isinstance(each, BaseException)]
    assert isinstance(refused, NoticeChanged)
    assert refused.by in {"uma", "udo"}


async def test_what_was_overturned_after_the_preview_is_not_issued(desk: NoticeDesk) -> None:
    notice = await desk.declined()
    await desk.notices.preview(notice.notice_id, by=CARLA)
    review = await desk.use_cases.open_review(notice.decision_id, "New payslips.", by=UMA)
    await desk.notices.preview(notice.notice_id, by=CARLA)
    case = await desk.claim(review.case, UMA)
    await desk.second(await desk.resolve(case, FinalOutcome.APPROVED), SARA, approve=True, text="")
    desk.store.follow = _not_yet  # type: ignore[method-assign] # the trail is followed within seconds
    assert (await desk.notices.read_notice(notice.notice_id, by=CARLA)).ending is not None
    for attempt in (desk.notices.preview(notice.notice_id, by=CARLA), desk.issue(notice)):
        with pytest.raises(NoticeNotOwed, match="the application was approved by a person"):
            await attempt
    del desk.store.follow
    with pytest.raises(NoticeChanged, match="system:service changed it"):
        await desk.issue(notice)


async def _not_yet(_limit: int) -> int:
    return 0


async def test_deliveries_are_recorded_on_possible_days(desk: NoticeDesk) -> None:
    issued = await desk.issue(await desk.declined())
    today = desk.clock.now().date()
    for on in (today - timedelta(days=1), today + timedelta(days=1)):
        with pytest.raises(InvalidDelivery):
            await desk.deliver(issued, on)
    desk.wait(timedelta(days=3))
    delivered = await desk.deliver(issued, today, key=KEY)
    assert (delivered.state, delivered.delivered_on) == (NoticeState.DELIVERED, today)
    assert await desk.deliver(issued, today, key=KEY) == delivered, "repeated"
    returned = await desk.deliver(delivered, returned=True, text="Moved")
    assert (returned.state, returned.returned_on) == (NoticeState.ISSUED, today + timedelta(days=3))
    with pytest.raises(NoticeChanged):
        await desk.deliver(delivered)
    with pytest.raises(NoticeStateForbids, match="it must be issued to be delivered"):
        await desk.deliver(await desk.declined())


async def test_people_see_the_notices_on_decisions_that_they_may_read(desk: NoticeDesk) -> None:
    los, portal = Actor("los", Role.SERVICE), Actor("portal", Role.SERVICE)
    notice = await desk.declined(requested_by=los)
    await desk.declined(requested_by=portal)

    async def seen(by: Actor, **wanted: Any) -> list[UUID]:
        page = await desk.notices.list_notices(NoticeFilter(**wanted), by=by)
        return [each.notice_id for each in page.notices]

    assert await seen(los) == [notice.notice_id] == await seen(los, requested_by="los")
    assert await seen(los, requested_by="portal") == []
    assert len(await seen(ARTHUR)) == 2
    assert (await desk.notices.read_notice(notice.notice_id, by=los)).notice == notice
    for attempt in (
        desk.notices.read_notice(notice.notice_id, by=portal),
        desk.letter(notice, by=portal),
        desk.notices.read_notice(uuid4(), by=ARTHUR),
        desk.notices.preview(uuid4(), by=CARLA),
    ):
        with pytest.raises(NoticeNotFound):
            await attempt
    issued = await desk.issue(notice)
    assert await desk.letter(issued, by=los)
    for limit in (0, 201):
        with pytest.raises(PageTooLarge):
            await desk.notices.list_notices(NoticeFilter(), by=ARTHUR, limit=limit)


@pytest.mark.parametrize("role", [Role.SERVICE, Role.LOAN_OFFICER, Role.AUDITOR, Role.RISK_MANAGER, Role.ADMIN])
async def test_others_do_not_preview_issue_or_deliver(desk: NoticeDesk, role: Role) -> None:
    by, notice = Actor("anna", role), await desk.declined()
    for attempt in (
        desk.notices.preview(notice.notice_id, by=by),
        desk.issue(notice, by),
        desk.deliver(notice, by=by),
    ):
        with pytest.raises(PermissionDenied):
            await attempt


async def test_a_letter_is_withheld_from_those_who_are_to_form_an_own_view() -> None:
    desk = NoticeDesk(blind=True)
    issued = await desk.issue(await desk.declined())
    await desk.use_cases.open_review(issued.decision_id, "New payslips.", by=UMA)
    view = await desk.notices.read_notice(issued.notice_id, by=UDO)
    assert view.withheld
    (action,) = view.actions
    assert isinstance(action.details, NoticeIssued)
    assert action.details.reasons == ()
    with pytest.raises(OwnViewRequired):
        await desk.letter(issued, by=UDO)
    assert await desk.letter(issued, by=CARLA)
    assert not (await desk.notices.read_notice(issued.notice_id, by=CARLA)).withheld


async def test_a_request_for_information_states_nothing_that_is_withheld() -> None:
    desk = NoticeDesk(blind=True)
    case = await desk.claimed()
    await desk.use_cases.request_information(case.case_id, "Two payslips, please.", by=UMA, seen=case.version)
    (notice,) = (await desk.notices.list_notices(NoticeFilter(), by=UMA)).notices
    assert notice.kind is NoticeKind.INCOMPLETE
    issued = await desk.issue(notice, UMA)
    assert b"Two payslips, please." in await desk.letter(issued, by=UDO)


async def test_a_decision_that_was_archived_or_cannot_be_read_has_no_letter(desk: NoticeDesk) -> None:
    archived, unreadable = await desk.declined(), await desk.declined()
    del desk.decisions._records[archived.decision_id]
    desk.decisions.damage(unreadable.decision_id, "it is not JSON")
    with pytest.raises(DecisionNotFound, match="restore its month to make its letter"):
        await desk.issue(archived)
    with pytest.raises(DecisionUnreadable):
        await desk.issue(unreadable)
