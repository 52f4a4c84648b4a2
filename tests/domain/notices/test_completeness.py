"""No letter is made while anything required is missing, and the refusal names everything."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.notices.completeness import NoticeIncomplete, missing_items, require_complete
from domain.notices.content import NoticeContent
from domain.notices.letterhead import SPECIMEN, Contact, Letterhead
from domain.policies.reasons import AdverseActionReason
from support.letters import (
    CLOSED,
    COUNTER_OFFER,
    DECLINED,
    INCOMPLETE,
    INFORMATION,
    INQUIRIES,
    LETTERHEAD,
    OFFER,
    REASONS,
    SCORE,
)

LENDER = (
    "the name of the lender, a setting of the service",
    "the address of the lender, a setting of the service",
    "the telephone number of the lender, a setting of the service",
)
REGULATOR = (
    "the name of the authority that the ECOA notice names, a setting of the service",
    "the address of the authority that the ECOA notice names, a setting of the service",
)
AGENCY = (
    "the name of the consumer reporting agency, a setting of the service",
    "the address of the consumer reporting agency, a setting of the service",
    "the telephone number of the consumer reporting agency, a setting of the service",
)
REASON = ("a specific reason: neither the system nor a person stated one; review the decision and state it",)
SCORE_USED = ("the score used, with its date, range, provider and key factors",)
OFFERED = ("the terms of the counter-offer",)
ASKED = ("the information that the applicant is asked for, and the date for the answer",)
FIVE = (*REASONS, AdverseActionReason("PURPOSE", "Purpose of the loan"))


@pytest.mark.parametrize("content", [DECLINED, COUNTER_OFFER, INCOMPLETE, CLOSED])
def test_a_complete_letter_lacks_nothing(content: NoticeContent) -> None:
    require_complete(content)


def bare(content: NoticeContent) -> NoticeContent:
    """The content without anything that could be missing."""
    return replace(content, letterhead=Letterhead(), reasons=(), score=None, offer=None, information=None)


@pytest.mark.parametrize(
    ("content", "missing"),
    [
        (DECLINED, (*LENDER, *REGULATOR, *REASON, *AGENCY, *SCORE_USED)),
        (COUNTER_OFFER, (*LENDER, *REGULATOR, *REASON, *AGENCY, *SCORE_USED, *OFFERED)),
        (INCOMPLETE, (*LENDER, *ASKED)),
        (CLOSED, (*LENDER, *REGULATOR, *REASON)),
    ],
)
def test_everything_that_is_missing_is_named_together(content: NoticeContent, missing: tuple[str, ...]) -> None:
    with pytest.raises(NoticeIncomplete) as refused:
        require_complete(bare(content))
    assert refused.value.missing == missing
    assert all(item in str(refused.value) for item in missing)


def head(**parts: Contact) -> Callable[[NoticeContent], NoticeContent]:
    return lambda content: replace(content, letterhead=replace(LETTERHEAD, **parts))


@pytest.mark.parametrize(
    ("change", "missing"),
    [
        (head(creditor=replace(LETTERHEAD.creditor, name="")), LENDER[:1]),
        (head(creditor=replace(LETTERHEAD.creditor, address=())), LENDER[1:2]),
        (head(creditor=replace(LETTERHEAD.creditor, phone="")), LENDER[2:]),
        (head(regulator=Contact("FTC")), REGULATOR[1:]),
        (head(agency=replace(LETTERHEAD.agency, phone="")), AGENCY[2:]),
        (
            lambda content: replace(content, score=replace(SCORE, provider="")),
            ("the name of the provider of the score, a setting of the service",),
        ),
        (
            lambda content: replace(content, score=replace(SCORE, points=700)),
            ("a range of possible scores that contains the score of 700: that of the model is from 351 to 632",),
        ),
        (
            lambda content: replace(content, reasons=FIVE),
            ("a choice of at most 4 principal reasons: there are 5",),
        ),
        (
            lambda content: replace(content, reasons=(AdverseActionReason("PURPOSE", " "),)),
            ("the text of the reason PURPOSE",),
        ),
        (
            lambda content: replace(content, score=replace(SCORE, key_factors=FIVE)),
            ("a choice of at most 4 key factors of the score: there are 5",),
        ),
        (
            lambda content: replace(content, score=replace(SCORE, key_factors=(*FIVE, INQUIRIES))),
            ("a choice of at most 5 key factors of the score: there are 6",),
        ),
    ],
)
def test_each_thing_that_a_decline_must_state_is_required(
    change: Callable[[NoticeContent], NoticeContent], missing: tuple[str, ...]
) -> None:
    assert missing_items(change(DECLINED)) == missing
    assert set(missing) <= set(missing_items(change(COUNTER_OFFER)))


def test_a_request_needs_a_date_that_is_not_over() -> None:
    assert missing_items(replace(INCOMPLETE, dated=INFORMATION.answer_by)) == ()
    assert missing_items(replace(INCOMPLETE, dated=date(2026, 11, 20))) == (
        "a date for the applicant's answer that is not over: it was 2026-11-19",
    )


def test_a_request_needs_no_credit_report_and_no_regulator() -> None:
    only_lender = Letterhead(creditor=LETTERHEAD.creditor)
    assert missing_items(replace(INCOMPLETE, letterhead=only_lender)) == ()
    closed = replace(LETTERHEAD, agency=Contact())
    assert missing_items(replace(CLOSED, letterhead=closed)) == ()


def test_a_score_that_nothing_lowered_has_no_key_factors() -> None:
    assert missing_items(replace(DECLINED, score=replace(SCORE, key_factors=()))) == ()


def test_an_offer_that_has_ended_can_still_be_stated() -> None:
    late = replace(COUNTER_OFFER, dated=date(2026, 12, 5))
    assert late.offer_ended
    assert not replace(late, dated=OFFER.until).offer_ended
    assert missing_items(late) == ()


def test_the_specimen_letterhead_is_complete_and_fills_only_what_is_not_set() -> None:
    assert missing_items(replace(DECLINED, letterhead=SPECIMEN)) == ()
    assert Letterhead().completed_by(SPECIMEN) == SPECIMEN
    assert LETTERHEAD.completed_by(SPECIMEN) == LETTERHEAD
    named = Letterhead(creditor=Contact("Prairie Loans")).completed_by(SPECIMEN)
    assert named.creditor == replace(SPECIMEN.creditor, name="Prairie Loans")
    assert "Specimen" in SPECIMEN.creditor.name


def without(part: str, content: NoticeContent) -> NoticeContent:
    """The content without a part; "agency phone" is one of its letterhead."""
    if part in {"reasons", "score", "offer", "information"}:
        return replace(content, **{part: () if part == "reasons" else None})
    contact, member = part.split()
    letterhead = content.letterhead
    given = getattr(letterhead, contact)
    blank = replace(given, **{member: () if member == "address" else ""})
    return replace(content, letterhead=replace(letterhead, **{contact: blank}))


REQUIRED = {
    **dict(zip(("creditor name", "creditor address", "creditor phone"), LENDER, strict=True)),
    **dict(zip(("regulator name", "regulator address"), REGULATOR, strict=True)),
    "reasons": REASON[0],
    **dict(zip(("agency name", "agency address", "agency phone"), AGENCY, strict=True)),
    "score": SCORE_USED[0],
    "offer": OFFERED[0],
    "information": ASKED[0],
}
REQUIRED_OF = {
    DECLINED: set(REQUIRED) - {"offer", "information"},
    COUNTER_OFFER: set(REQUIRED) - {"information"},
    INCOMPLETE: {"creditor name", "creditor address", "creditor phone", "information"},
    CLOSED: {
        "creditor name",
        "creditor address",
        "creditor phone",
        "regulator name",
        "regulator address",
        "reasons",
    },
}


@given(complete=st.sampled_from(list(REQUIRED_OF)), removed=st.sets(st.sampled_from(list(REQUIRED))))
def test_everything_that_is_removed_is_named_if_the_letter_needs_it(
    complete: NoticeContent, removed: set[str]
) -> None:
    content = complete
    for part in removed:
        content = without(part, content)
    assert set(missing_items(content)) == {REQUIRED[part] for part in removed & REQUIRED_OF[complete]}
