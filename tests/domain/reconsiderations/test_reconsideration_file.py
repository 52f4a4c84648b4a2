"""The links and requests of an application, as properties of any sequence of actions."""

from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID, uuid4

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.access.user import APPLICANT, Actor, Role
from domain.applications.application_state import ApplicationState
from domain.applications.money import Money
from domain.reconsiderations.reconsideration import (
    Answer,
    AnswerReason,
    ReconsiderationKind,
    ReconsiderationState,
    Standing,
)
from domain.reconsiderations.reconsideration_action import Answered, LinkMade, LinkRevoked, Requested
from domain.reconsiderations.reconsideration_errors import (
    AlreadyAnswered,
    InvalidReconsiderationHistory,
    LinkRuleViolation,
    NothingToReconsider,
    ReconsiderationError,
    ReconsiderationNotFound,
    RequestOpen,
)
from domain.reconsiderations.reconsideration_file import (
    MAX_LINKS,
    MAX_REQUESTS,
    ReconsiderationFile,
    kinds_for,
)
from support.builders import A_MOMENT

UMA = Actor("uma", Role.UNDERWRITER)
APPLICATION = UUID("01932c5e-7a10-7c3a-9a51-2f1d3c4b5a69")
EMPTY = ReconsiderationFile(APPLICATION)
DECLINED = Standing(ApplicationState.DECLINED)
KINDS = st.sampled_from(ReconsiderationKind)
AMOUNTS = st.none() | st.builds(Money, st.integers(1, 99))
STANDINGS = st.builds(Standing, st.sampled_from(ApplicationState), AMOUNTS)


def offered(cents: int) -> Standing:
    return Standing(ApplicationState.COUNTER_OFFER, Money(cents))


def requested(kind: ReconsiderationKind, before: Standing = DECLINED) -> Requested:
    due_at = A_MOMENT + timedelta(days=2)
    return Requested(uuid4(), uuid4(), uuid4(), uuid4(), kind, ("income",), before, due_at, "9f" * 32)


def asked(
    file: ReconsiderationFile, kind: ReconsiderationKind, before: Standing = DECLINED
) -> ReconsiderationFile:
    return file.after(file.ask(requested(kind, before), at=A_MOMENT, action_id=uuid4()))


def linked(file: ReconsiderationFile, at: datetime = A_MOMENT) -> ReconsiderationFile:
    details = LinkMade(uuid4(), uuid4(), at + timedelta(days=60))
    return file.after(file.make_link(details, by=UMA, at=at, action_id=uuid4()))


def answered(file: ReconsiderationFile, after: Standing) -> ReconsiderationFile:
    request = file.open_request
    assert request is not None
    answer = request.answer_for(after, uuid4(), AnswerReason.REVIEWED)
    action = file.give_answer(request.reconsideration_id, answer, by=UMA, at=A_MOMENT, action_id=uuid4())
    return file.after(action)


STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("ask"), KINDS, STANDINGS),
        st.tuples(st.just("answer"), st.just(None), STANDINGS),
        st.tuples(st.just("link"), st.just(None), st.just(None)),
        st.tuples(st.just("revoke"), st.integers(0, 3), st.just(None)),
    ),
    max_size=30,
)


@settings(max_examples=150, deadline=None)
@given(STEPS)
def test_whatever_is_tried_the_rules_hold(steps: list[tuple[str, object, object]]) -> None:
    file, actions = EMPTY, []
    for verb, what, standing in steps:
        try:
            match verb:
                case "ask":
                    action = file.ask(requested(what, standing), at=A_MOMENT, action_id=uuid4())  # type: ignore[arg-type]
                case "answer":
                    request = [*file.requests.values()][-1]
                    answer = request.answer_for(standing, uuid4(), AnswerReason.REVIEWED)  # type: ignore[arg-type]
                    number = request.reconsideration_id
                    action = file.give_answer(number, answer, by=UMA, at=A_MOMENT, action_id=uuid4())
                case "link":
                    details = LinkMade(uuid4(), uuid4(), A_MOMENT + timedelta(days=60))
                    action = file.make_link(details, by=UMA, at=A_MOMENT, action_id=uuid4())
                case _:
                    link_id = [*file.links][what]  # type: ignore[index]
                    action = file.revoke_link(link_id, by=UMA, at=A_MOMENT, action_id=uuid4())
        except (ReconsiderationError, IndexError):
            continue
        file = file.after(action)
        actions.append(action)
    assert ReconsiderationFile.of(APPLICATION, actions) == file
    assert [action.number for action in actions] == list(range(1, file.version + 1))
    requests = [*file.requests.values()]
    assert sum(each.is_open for each in requests) <= 1
    assert len(requests) <= MAX_REQUESTS
    assert all(each.kind in kinds_for(each.before.state) for each in requests)
    assert sum(each.valid_at(A_MOMENT) for each in file.links.values()) <= MAX_LINKS
    assert all(each.actor == APPLICANT for each in actions if isinstance(each.details, Requested))


@given(STANDINGS, STANDINGS)
def test_an_answer_is_overturned_exactly_if_the_applicant_is_better_off(before: Standing, after: Standing) -> None:
    assert not (after.better_than(before) and before.better_than(after))
    assert not before.better_than(before)
    file = asked(EMPTY, ReconsiderationKind.CORRECTION)
    (request,) = file.requests.values()
    answer = replace(request, before=before).answer_for(after, uuid4(), AnswerReason.REVIEWED)
    assert (answer.state is ReconsiderationState.OVERTURNED) == after.better_than(before)


@pytest.mark.parametrize(
    ("before", "after", "better"),
    [
        (DECLINED, offered(1), True),
        (DECLINED, Standing(ApplicationState.DECLINED), False),
        (DECLINED, Standing(ApplicationState.EXPIRED), False),
        (offered(5), Standing(ApplicationState.APPROVED, Money(5)), True),
        (
            offered(5),
            offered(6),
            True,
        ),
        (
            offered(5),
            offered(5),
            False,
        ),
        (offered(5), DECLINED, False),
        (Standing(ApplicationState.REFERRED), Standing(ApplicationState.APPROVED, Money(5)), True),
        (Standing(ApplicationState.REFERRED), DECLINED, False),
    ],
)
def test_what_is_better_for_the_applicant(before: Standing, after: Standing, better: bool) -> None:
    assert after.better_than(before) is better


def test_an_application_with_an_open_request_has_no_second_one() -> None:
    file = asked(EMPTY, ReconsiderationKind.HUMAN_REVIEW)
    with pytest.raises(RequestOpen, match="is not answered yet: it will be by 2026-03-16"):
        asked(file, ReconsiderationKind.CORRECTION)
    assert len(asked(answered(file, DECLINED), ReconsiderationKind.CORRECTION).requests) == 2


@pytest.mark.parametrize(
    "state", [ApplicationState.APPROVED, ApplicationState.ACCEPTED, ApplicationState.WITHDRAWN]
)
def test_nothing_is_asked_where_nothing_can_change(state: ApplicationState) -> None:
    for kind in ReconsiderationKind:
        with pytest.raises(NothingToReconsider):
            asked(EMPTY, kind, Standing(state))


def test_an_answer_is_given_once_and_to_a_known_request() -> None:
    file = answered(asked(EMPTY, ReconsiderationKind.CORRECTION), DECLINED)
    answer = Answer(ReconsiderationState.UPHELD, AnswerReason.REVIEWED, uuid4())
    (known,) = file.requests
    for identifier, error in ((known, AlreadyAnswered), (uuid4(), ReconsiderationNotFound)):
        with pytest.raises(error):
            file.give_answer(identifier, answer, by=UMA, at=A_MOMENT, action_id=uuid4())
    with pytest.raises(ReconsiderationNotFound):
        file.request(uuid4())


def test_a_withdrawn_application_closes_its_request_without_an_answer() -> None:
    (request,) = asked(EMPTY, ReconsiderationKind.CORRECTION).requests.values()
    answer = request.answer_for(Standing(ApplicationState.WITHDRAWN), uuid4(), AnswerReason.WITHDRAWN)
    assert answer.state is ReconsiderationState.CLOSED


def test_an_open_request_is_overdue_from_its_due_time() -> None:
    file = asked(EMPTY, ReconsiderationKind.CORRECTION)
    (request,) = file.requests.values()
    assert [request.overdue_at(request.due_at + timedelta(seconds=late)) for late in (-1, 0)] == [False, True]
    (done,) = answered(file, DECLINED).requests.values()
    assert not done.overdue_at(request.due_at)


def test_links_are_valid_until_they_expire_or_are_revoked() -> None:
    file = linked(EMPTY)
    (link,) = file.links.values()
    assert link.valid_at(link.expires_at - timedelta(seconds=1))
    assert not link.valid_at(link.expires_at)
    revoked = file.after(file.revoke_link(link.link_id, by=UMA, at=A_MOMENT, action_id=uuid4()))
    assert not revoked.link(link.link_id).valid_at(A_MOMENT)
    with pytest.raises(LinkRuleViolation, match="was revoked at"):
        revoked.revoke_link(link.link_id, by=UMA, at=A_MOMENT, action_id=uuid4())


def test_there_is_a_limit_of_valid_links_only() -> None:
    file = EMPTY
    for _ in range(MAX_LINKS):
        file = linked(file)
    with pytest.raises(LinkRuleViolation, match="20 valid links already"):
        linked(file)
    assert len(linked(file, A_MOMENT + timedelta(days=61)).links) == MAX_LINKS + 1
    with pytest.raises(LinkRuleViolation, match="in the future"):
        file.make_link(LinkMade(uuid4(), uuid4(), A_MOMENT), by=UMA, at=A_MOMENT, action_id=uuid4())


def test_actions_that_do_not_follow_are_refused() -> None:
    file = linked(EMPTY)
    action = file.revoke_link(next(iter(file.links)), by=UMA, at=A_MOMENT, action_id=uuid4())
    answer = Answer(ReconsiderationState.UPHELD, AnswerReason.REVIEWED, uuid4())
    for wrong in (
        replace(action, number=3),
        replace(action, application_id=uuid4()),
        replace(action, details=LinkRevoked(uuid4())),
        replace(action, details=Answered(uuid4(), answer)),
    ):
        with pytest.raises(InvalidReconsiderationHistory):
            file.after(wrong)
