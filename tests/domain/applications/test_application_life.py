"""The life of an application: its rules, and what no sequence of actions can lead to."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.access.user import Actor, Role
from domain.applications.application_action import (
    LONGEST_TEXT,
    Acceptance,
    ApplicationAction,
    ApplicationActionKind,
    InvalidWithdrawal,
    Withdrawal,
    WithdrawalReason,
)
from domain.applications.application_life import (
    AlreadyAccepted,
    AlreadyWithdrawn,
    AmountNotOffered,
    ApplicationLife,
    ApplicationRuleViolation,
    ExposureLimitExceeded,
    NoOffer,
    NotWithdrawable,
    Offer,
    OfferExpired,
)
from domain.applications.application_state import ApplicationState
from domain.applications.money import Money

S = ApplicationState
DECIDED = datetime(2026, 3, 1, 12, tzinfo=UTC)
EXPIRES = DECIDED + timedelta(days=30)
OFFER = Offer(Money(1_000_000), Money(100_000), 36, 0.122, EXPIRES)
MARTA, PORTAL = Actor("marta", Role.LOAN_OFFICER), Actor("portal", Role.SERVICE)
APPLICATION = UUID("7b0c43a4-0000-7c7b-8a53-0d6a3a5f2b11")


def life(decided: ApplicationState = S.APPROVED, **changed: object) -> ApplicationLife:
    offer = OFFER if decided.can_be_accepted else None
    return replace(ApplicationLife(APPLICATION, APPLICATION, decided, offer), **changed)


def accepted(one: ApplicationLife, amount: int | None = None, at: datetime = DECIDED) -> ApplicationAction:
    money = None if amount is None else Money(amount)
    return one.accept(money, action_id=uuid4(), by=MARTA, at=at)


def withdrawn(one: ApplicationLife, at: datetime = DECIDED) -> ApplicationAction:
    return one.withdraw(WithdrawalReason.DUPLICATE, "", action_id=uuid4(), by=PORTAL, at=at)


@pytest.mark.parametrize("decided", [S.APPROVED, S.COUNTER_OFFER])
def test_an_offer_is_accepted_until_it_expires(decided: ApplicationState) -> None:
    one = life(decided)
    action = accepted(one, at=EXPIRES - timedelta(microseconds=1))
    assert (action.details, action.number, action.actor) == (Acceptance(OFFER.amount, OFFER.amount), 1, MARTA)
    assert one.after(action).state(EXPIRES) is S.ACCEPTED
    assert one.state(EXPIRES) is S.EXPIRED
    with pytest.raises(OfferExpired, match=r"\$10,000.00 expired at 2026-03-31 12:00:00 UTC"):
        accepted(one, at=EXPIRES)
    with pytest.raises(OfferExpired, match="nothing left to withdraw"):
        withdrawn(one, at=EXPIRES)


@pytest.mark.parametrize("decided", [S.REFERRED, S.DECLINED])
def test_without_an_offer_nothing_is_accepted(decided: ApplicationState) -> None:
    with pytest.raises(NoOffer, match=f"the application is {decided.value}"):
        accepted(life(decided))


@pytest.mark.parametrize("cents", [1, 99_999, 1_000_001])
def test_an_amount_outside_the_offer_is_refused(cents: int) -> None:
    with pytest.raises(AmountNotOffered, match=r"from \$1,000.00 to \$10,000.00"):
        accepted(life(), cents)


@pytest.mark.parametrize("cents", [100_000, 1_000_000])
def test_both_ends_of_the_offer_can_be_accepted(cents: int) -> None:
    assert accepted(life(), cents).details == Acceptance(Money(cents), OFFER.amount)


def test_an_offer_below_the_smallest_loan_is_accepted_in_full_only() -> None:
    small = replace(OFFER, amount=Money(50_000))
    assert accepted(life(offer=small)).details == Acceptance(Money(50_000), Money(50_000))
    with pytest.raises(AmountNotOffered):
        accepted(life(offer=small), 49_999)


@pytest.mark.parametrize("decided", [S.APPROVED, S.COUNTER_OFFER, S.REFERRED])
def test_an_open_application_is_withdrawn(decided: ApplicationState) -> None:
    action = withdrawn(life(decided))
    assert action.details == Withdrawal(WithdrawalReason.DUPLICATE, "", decided)
    assert life(decided).after(action).state(DECIDED) is S.WITHDRAWN


def test_a_decline_is_not_withdrawn() -> None:
    with pytest.raises(NotWithdrawable, match="declined"):
        withdrawn(life(S.DECLINED))


def test_an_application_that_expired_unanswered_takes_no_action() -> None:
    one = life(S.EXPIRED)
    for act in (accepted, withdrawn):
        with pytest.raises(OfferExpired, match="did not provide what was requested"):
            act(one)


def test_the_second_is_told_who_was_first() -> None:
    taken, gone = life().after(accepted(life(), 500_000)), life().after(withdrawn(life()))
    for act in (accepted, withdrawn):
        with pytest.raises(
            AlreadyAccepted, match=r"\$5,000.00 by marta \(loan officer\) at 2026-03-01 12:00:00 UTC"
        ):
            act(taken)
        with pytest.raises(AlreadyWithdrawn, match=r"by portal \(service\) at 2026-03-01 12:00:00 UTC"):
            act(gone)


@pytest.mark.parametrize("text", [" x", "x ", "a\nb", "\u200b", "x" * (LONGEST_TEXT + 1)])
def test_a_text_that_cannot_be_shown_is_refused(text: str) -> None:
    with pytest.raises(InvalidWithdrawal):
        Withdrawal(WithdrawalReason.DUPLICATE, text, S.APPROVED)


def test_another_reason_needs_a_text() -> None:
    with pytest.raises(InvalidWithdrawal, match="required"):
        Withdrawal(WithdrawalReason.OTHER, "", S.APPROVED)
    assert Withdrawal(WithdrawalReason.OTHER, "moved", S.APPROVED).text == "moved"


def test_an_action_that_does_not_follow_is_refused() -> None:
    action = accepted(life())
    with pytest.raises(ValueError, match="does not follow"):
        life().after(replace(action, number=2))
    with pytest.raises(ValueError, match="does not follow"):
        life().after(replace(action, application_id=uuid4()))


def test_rules_have_names_of_their_own() -> None:
    rules = [each.rule for each in ApplicationRuleViolation.__subclasses__()]
    assert len(set(rules)) == len(rules) > 5


@pytest.mark.parametrize(
    ("others", "amount", "why"),
    [
        (4_000_000, None, None),
        (4_000_001, None, r"loans of \$40,000.01 and may borrow \$50,000.00 in all: at most \$9,999.99 can"),
        (4_000_001, 999_999, None),
        (4_900_000, 100_000, None),
        (4_900_001, 100_000, "no amount of this offer can be accepted"),
        (6_000_000, 100_000, "no amount of this offer can be accepted"),
    ],
)
def test_accepted_loans_have_a_limit_in_all(others: int, amount: int | None, why: str | None) -> None:
    one = life(offer=replace(OFFER, exposure_limit=Money(5_000_000)))
    wanted = None if amount is None else Money(amount)
    if why is None:
        one.accept(wanted, action_id=uuid4(), by=MARTA, at=DECIDED, other_loans=Money(others))
        return
    with pytest.raises(ExposureLimitExceeded, match=why):
        one.accept(wanted, action_id=uuid4(), by=MARTA, at=DECIDED, other_loans=Money(others))
    life().accept(wanted, action_id=uuid4(), by=MARTA, at=DECIDED, other_loans=Money(others))


_STEPS = st.lists(
    st.tuples(
        st.sampled_from(["accept", "withdraw"]),
        st.none() | st.integers(0, 1_500_000),
        st.integers(0, 60 * 24),
        st.sampled_from([MARTA, PORTAL]),
    ),
    max_size=6,
)


@settings(max_examples=80, deadline=None)
@given(decided=st.sampled_from([S.APPROVED, S.COUNTER_OFFER, S.REFERRED, S.DECLINED, S.EXPIRED]), steps=_STEPS)
def test_no_sequence_of_actions_breaks_a_rule(decided: ApplicationState, steps: list[tuple[object, ...]]) -> None:
    one, at = life(decided), DECIDED
    for what, cents, hours, by in steps:
        assert isinstance(hours, int)
        assert isinstance(by, Actor)
        at += timedelta(hours=hours)
        before = one.state(at)
        try:
            if what == "accept":
                amount = Money(cents) if isinstance(cents, int) else None
                action = one.accept(amount, action_id=uuid4(), by=by, at=at)
            else:
                action = one.withdraw(WithdrawalReason.OTHER, "a reason", action_id=uuid4(), by=by, at=at)
        except ApplicationRuleViolation:
            assert one.state(at) is before
            continue
        one = one.after(action)
        if isinstance(action.details, Acceptance):
            assert before.can_be_accepted
            assert OFFER.minimum <= action.details.amount <= OFFER.amount
            assert at < EXPIRES
        else:
            assert before is action.details.withdrawn_from
            assert before.can_be_withdrawn
        assert one.state(at) is action.kind.state
        assert one.expires_at is None
    assert len(one.actions) <= 1
    assert one.version == len(one.actions)
    folded = life(decided)
    for action in one.actions:
        folded = folded.after(action)
    assert folded == one
    assert {kind.state for kind in ApplicationActionKind} == {S.ACCEPTED, S.WITHDRAWN}
