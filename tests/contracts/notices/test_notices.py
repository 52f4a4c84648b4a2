"""The contract of every store of notices: actions, letters and pages."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from application.ports.decisions.decision_archive import InvalidCursor
from application.ports.decisions.idempotency import (
    Claim,
    IdempotencyKey,
    KeyReused,
    OriginalResponseUnavailable,
)
from application.ports.notices.notices import (
    LetterFormat,
    NoticeAlreadyClaimed,
    NoticeConflict,
    NoticeFilter,
    NoticeUnreadable,
)
from domain.notices.issuing import DeliveryMethod, NoticeDelivered, NoticeReturned
from domain.notices.notice import Notice
from domain.notices.notice_kind import NoticeKind
from domain.notices.notice_state import NoticeState
from domain.policies.outcome import Outcome
from support.builders import an_actor
from support.cases import UMA
from support.databases import connected
from support.notice_desk import (
    DAY,
    LETTERS,
    NOTICE_CLOCK,
    NoticeDesk,
    issued,
    notice_desk,
    notice_desk_in_postgres,
)

__all__ = ["notice_desk", "notice_desk_in_postgres"]


def a_claim(key: str = "first", request: str = "a request") -> Claim:
    return Claim.of(IdempotencyKey(key), by=UMA, operation="issue a notice", request=request)


async def a_due_notice(desk: NoticeDesk) -> Notice:
    record = await desk.decide(Outcome.DECLINED)
    return await desk.notice(record.decision_id)


async def test_every_kind_of_action_is_read_back_and_in_the_trail(notice_desk: NoticeDesk) -> None:
    notice = await a_due_notice(notice_desk)
    today = NOTICE_CLOCK.day(notice_desk.now)
    details = [
        issued(notice),
        NoticeDelivered(DeliveryMethod.MAIL, today, "Łódź, “certified”"),
        NoticeReturned(DeliveryMethod.MAIL, today),
        NoticeDelivered(DeliveryMethod.IN_PERSON, today),
    ]
    after = await notice_desk.act(notice, details[0], letters=LETTERS)
    for each in details[1:]:
        after = await notice_desk.act(after, each)
    actions = await notice_desk.notices.actions(notice.notice_id)
    assert [action.details for action in actions] == details
    assert await notice_desk.notices.find(notice.notice_id) == after
    assert notice.after_all(actions) == after
    entries = [entry.action async for entry, _ in notice_desk.store.trail.entries()]
    found = [entry for entry in entries if entry.startswith("notice")]
    assert found == ["notice issued", "notice delivered", "notice returned", "notice delivered"]


async def test_the_letter_is_kept_to_the_byte(notice_desk: NoticeDesk) -> None:
    notice = await a_due_notice(notice_desk)
    for form, content in LETTERS:
        assert await notice_desk.notices.letter(notice.notice_id, form) is None
        assert content
    await notice_desk.issue(notice)
    for form, content in LETTERS:
        assert await notice_desk.notices.letter(notice.notice_id, form) == content


async def test_of_two_officers_who_issue_at_the_same_moment_one_does(notice_desk: NoticeDesk) -> None:
    notice = await a_due_notice(notice_desk)
    other = tuple([(form, content + b"!") for form, content in LETTERS])
    results = await asyncio.gather(
        notice_desk.act(notice, issued(notice), letters=LETTERS),
        notice_desk.act(notice, issued(notice), letters=other),
        return_exceptions=True,
    )
    assert sorted(type(each).__name__ for each in results) == ["Notice", "NoticeConflict"]
    found = {await notice_desk.notices.letter(notice.notice_id, form) for form in LetterFormat}
    assert found in ({content for _, content in LETTERS}, {content for _, content in other})


async def test_a_notice_changed_meanwhile_is_not_changed(notice_desk: NoticeDesk) -> None:
    notice = await a_due_notice(notice_desk)
    await notice_desk.issue(notice)
    with pytest.raises(NoticeConflict):
        await notice_desk.issue(notice)
    assert len(await notice_desk.notices.actions(notice.notice_id)) == 1


async def test_a_key_names_one_action(notice_desk: NoticeDesk) -> None:
    notice, other = await a_due_notice(notice_desk), await a_due_notice(notice_desk)
    assert await notice_desk.notices.notice_under(a_claim()) is None
    after = await notice_desk.act(notice, issued(notice), letters=LETTERS, claim=a_claim())
    assert await notice_desk.notices.notice_under(a_claim()) == notice.notice_id
    with pytest.raises(KeyReused):
        await notice_desk.notices.notice_under(a_claim(request="another request"))
    with pytest.raises(NoticeAlreadyClaimed):
        await notice_desk.act(other, issued(other), letters=LETTERS, claim=a_claim())
    assert await notice_desk.notice(other.notice_id) == other
    assert after.version == 1
    decided = a_claim("of-a-decision")
    await notice_desk.store.ledger.record_each([(notice_desk._decided(Outcome.APPROVED), decided)])
    with pytest.raises(OriginalResponseUnavailable):
        await notice_desk.notices.notice_under(decided)


async def test_pages_have_the_earliest_due_time_first(notice_desk: NoticeDesk) -> None:
    expected = []
    for number in range(5):
        expected.append(await a_due_notice(notice_desk))
        notice_desk.wait((1 + number % 2) * DAY)
    seen: list[Notice] = []
    cursor = None
    while True:
        page = await notice_desk.notices.page(NoticeFilter(), limit=2, cursor=cursor)
        assert page.total == 5
        seen += page.notices
        cursor = page.next_cursor
        if cursor is None:
            break
    assert seen == expected
    with pytest.raises(InvalidCursor):
        await notice_desk.notices.page(NoticeFilter(), limit=2, cursor="nonsense")


async def test_lists_are_filtered(notice_desk: NoticeDesk) -> None:
    first = await a_due_notice(notice_desk)
    record = await notice_desk.decide(Outcome.DECLINED, requested_by=replace(an_actor(), name="portal"))
    issued_one = await notice_desk.issue(await notice_desk.notice(record.decision_id))
    notice_desk.wait(2 * DAY)
    late = await a_due_notice(notice_desk)
    sent = await notice_desk.deliver(await notice_desk.issue(await a_due_notice(notice_desk)))

    async def listed(**wanted: object) -> list[Notice]:
        return list((await notice_desk.notices.page(NoticeFilter(**wanted), limit=50)).notices)  # type: ignore[arg-type]

    assert await listed(states=frozenset({NoticeState.DUE})) == [first, late]
    assert await listed(states=frozenset({NoticeState.ISSUED, NoticeState.DELIVERED})) == [issued_one, sent]
    assert await listed(requested_by="portal") == [issued_one]
    assert await listed(decision_id=late.decision_id) == await listed(application_id=late.application_id) == [late]
    assert await listed(kind=NoticeKind.COUNTER_OFFER) == []
    assert await listed(overdue_at=first.due_at) == sorted(
        [first, issued_one], key=lambda each: (each.due_at, each.notice_id)
    )
    assert await listed(overdue_at=first.due_at - timedelta(seconds=1)) == []
    assert sent not in await listed(overdue_at=sent.due_at + DAY)
    assert await listed(due_before=late.due_at, states=frozenset({NoticeState.DUE})) == [first]


async def test_an_action_that_cannot_be_read_is_named(notice_desk_in_postgres: NoticeDesk) -> None:
    desk = notice_desk_in_postgres
    notice = await desk.issue(await a_due_notice(desk))
    async with connected(desk.url) as connection:
        await connection.execute("SET session_replication_role = replica")
        await connection.execute("UPDATE notice_actions SET document = '{' || document")
        with pytest.raises(
            NoticeUnreadable, match=f"of notice {notice.notice_id} cannot be read: JSON is malformed"
        ):
            await desk.notices.actions(notice.notice_id)
        await connection.execute("UPDATE notice_actions SET document = substr(document, 2)")


ALTERED = {
    "UPDATE notices SET state = 'delivered', delivered_on = '2026-03-20'": "state is delivered instead of issued",
    "UPDATE notices SET due_at = due_at + interval '1 month'": "due_at is",
    "UPDATE notice_letters SET content = content || 'x', sha256 = sha256(content || 'x')": "its letter is not",
    "DELETE FROM notice_letters WHERE format = 'pdf'": "its letter is not the one that was issued",
    "DELETE FROM notices": "the notice is missing: it was removed",
    "UPDATE notices SET requested_by = 'other-portal'": "requested_by is other-portal instead of marta",
    "UPDATE notices SET application_id = gen_random_uuid()": "application_id is",
    "UPDATE notices SET cause = 'application_closed'": "cause is application_closed instead of decision",
}


@pytest.mark.parametrize("statement", ALTERED)
async def test_verification_finds_what_was_altered(notice_desk_in_postgres: NoticeDesk, statement: str) -> None:
    desk = notice_desk_in_postgres
    notice = await desk.issue(await a_due_notice(desk))
    tables = ("notices", "notice_letters")
    async with connected(desk.url) as connection:
        await connection.execute("SET session_replication_role = replica")
        for table in tables:
            await connection.execute(f"CREATE TEMP TABLE kept_{table} AS SELECT * FROM {table}")  # noqa: S608 - ours
        await connection.execute(statement)
        assert ALTERED[statement] in await desk.state_faults()
        assert str(notice.notice_id) in await desk.state_faults(since=desk.now - DAY)
        for table in tables:
            await connection.execute(f"DELETE FROM {table}")  # noqa: S608 - as above
            await connection.execute(f"INSERT INTO {table} SELECT * FROM kept_{table}")  # noqa: S608 - as above


ALTERED_WHILE_DUE = {
    "DELETE FROM notices": "the notice is missing: it was removed",
    "UPDATE notices SET due_at = due_at + interval '1 month'": "which is later than",
    "UPDATE notices SET due_at = due_at + interval '1 month', received_at = received_at + interval '1 month'": (
        "received_at is"
    ),
    "UPDATE notices SET kind = 'incomplete'": "kind is incomplete instead of adverse_action",
    "UPDATE notices SET requested_by = 'other-portal'": "requested_by is other-portal instead of marta",
    "UPDATE notices SET notice_id = gen_random_uuid()": "nothing on record makes it due",
}


@pytest.mark.parametrize("statement", ALTERED_WHILE_DUE)
async def test_verification_finds_a_due_notice_that_was_altered(
    notice_desk_in_postgres: NoticeDesk, statement: str
) -> None:
    desk = notice_desk_in_postgres
    await a_due_notice(desk)
    assert await desk.state_faults() == ""
    async with connected(desk.url) as connection:
        await connection.execute("CREATE TEMP TABLE kept AS SELECT * FROM notices")
        await connection.execute(statement)
        assert ALTERED_WHILE_DUE[statement] in await desk.state_faults()
        assert ALTERED_WHILE_DUE[statement] in await desk.state_faults(since=desk.now - DAY)
        await connection.execute("DELETE FROM notices")
        await connection.execute("INSERT INTO notices SELECT * FROM kept")


async def test_the_daily_verification_reads_the_notices_that_changed(notice_desk_in_postgres: NoticeDesk) -> None:
    desk = notice_desk_in_postgres
    await desk.issue(await a_due_notice(desk))
    async with connected(desk.url) as connection:
        await connection.execute("UPDATE notices SET due_at = due_at + interval '1 day'")
        assert "due_at is" in await desk.state_faults(since=desk.now)
        assert await desk.state_faults(since=desk.now + DAY) == ""
        await connection.execute("UPDATE notices SET due_at = due_at - interval '1 day'")
