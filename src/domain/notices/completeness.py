"""What a letter must state, and what of it is missing.

12 CFR 1002.9(a)(2) and (b): the lender's name and address, the reasons, the ECOA notice. 15 U.S.C. 1681m(a): the
consumer reporting agency's name, address and telephone number, and the score used with its date, range, provider
and key factors. 12 CFR 1002.9(c)(2): the information needed, and the date until which it can be sent. A telephone
number of the lender is not required by law; the letters state it, so it is required here.
"""

from collections.abc import Iterator

from domain.notices.content import DisclosedScore, NoticeContent
from domain.notices.letterhead import Contact
from domain.notices.notice_kind import NoticeKind
from domain.policies.reasons import MAX_REASONS

SETTING = "a setting of the service"
INQUIRIES = "INQUIRIES"
"""The code of the reason that is the number of inquiries on the credit report."""


class NoticeIncomplete(Exception):
    """The letter cannot be made; `missing` names everything that is required and absent."""

    def __init__(self, missing: tuple[str, ...]) -> None:
        super().__init__("the notice cannot be made, because this is missing: " + "; ".join(missing))
        self.missing = missing


def missing_items(content: NoticeContent) -> tuple[str, ...]:
    """Everything that the letter must state and that is absent or contradictory; empty if it can be made."""
    return tuple(_missing(content))


def require_complete(content: NoticeContent) -> None:
    """Raise NoticeIncomplete if anything is missing."""
    if missing := missing_items(content):
        raise NoticeIncomplete(missing)


def _missing(content: NoticeContent) -> Iterator[str]:
    head = content.letterhead
    yield from _of_contact(head.creditor, "lender", phone=True)
    if content.kind is NoticeKind.INCOMPLETE:
        yield from _of_request(content)
        return
    yield from _of_contact(head.regulator, "authority that the ECOA notice names", phone=False)
    yield from _of_reasons(content)
    if content.uses_credit_report:
        yield from _of_contact(head.agency, "consumer reporting agency", phone=True)
        yield from _of_score(content.score)
    if content.kind is NoticeKind.COUNTER_OFFER and content.offer is None:
        yield "the terms of the counter-offer"


def _of_contact(contact: Contact, what: str, *, phone: bool) -> Iterator[str]:
    if not contact.name:
        yield f"the name of the {what}, {SETTING}"
    if not contact.address:
        yield f"the address of the {what}, {SETTING}"
    if phone and not contact.phone:
        yield f"the telephone number of the {what}, {SETTING}"


def _of_request(content: NoticeContent) -> Iterator[str]:
    if content.information is None:
        yield "the information that the applicant is asked for, and the date for the answer"
    elif content.information.answer_by < content.dated:
        yield f"a date for the applicant's answer that is not over: it was {content.information.answer_by}"


def _of_reasons(content: NoticeContent) -> Iterator[str]:
    if not content.reasons:
        yield "a specific reason: neither the system nor a person stated one; review the decision and state it"
    if len(content.reasons) > MAX_REASONS:
        yield f"a choice of at most {MAX_REASONS} principal reasons: there are {len(content.reasons)}"
    yield from (f"the text of the reason {each.code}" for each in content.reasons if not each.text.strip())


def _of_score(score: DisclosedScore | None) -> Iterator[str]:
    if score is None:
        yield "the score used, with its date, range, provider and key factors"
        return
    if not score.provider:
        yield f"the name of the provider of the score, {SETTING}"
    if not score.lowest <= score.points <= score.highest:
        yield (
            f"a range of possible scores that contains the score of {score.points}: that of the model is from "
            f"{score.lowest} to {score.highest}"
        )
    most = MAX_REASONS + any(factor.code == INQUIRIES for factor in score.key_factors)
    if len(score.key_factors) > most:
        yield f"a choice of at most {most} key factors of the score: there are {len(score.key_factors)}"
