"""The content of a letter as the words and lists that its template places."""

from dataclasses import asdict
from datetime import date
from typing import Any

from domain.notices.content import DisclosedScore, NoticeContent, OfferedTerms, RequestedInformation, RequestedLoan
from domain.notices.letterhead import Paper
from domain.notices.notice_kind import NoticeKind

TEMPLATE = "letter.html"
_MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)
"""Not of the locale: the same letter must be the same everywhere."""
_PAPERS = {Paper.LETTER: "Letter", Paper.A4: "A4"}
_TITLES = {
    "declined": "Notice of our decision on your application for credit",
    "counter_offer": "Our offer in response to your application for credit",
    "incomplete": "Request for information to complete your application for credit",
    "closed": "Notice that your application for credit is closed",
}
"""By the form of letter, which names the template of its first part."""


def letter_values(content: NoticeContent) -> dict[str, Any]:
    """The values of the template for a complete content."""
    head, form = content.letterhead, form_of(content)
    page = content.applicant_page
    return {
        "form": form,
        "title": _TITLES[form],
        "paper": _PAPERS[head.paper],
        "footer": _css_string(f"{head.creditor.name} · Reference {content.loan.reference}"),
        "synthetic": content.synthetic,
        "watermark": "SYNTHETIC" if content.synthetic else "PREVIEW" if content.preview else "",
        "creditor": asdict(head.creditor),
        "agency": asdict(head.agency),
        "regulator": asdict(head.regulator),
        "signatory": head.signatory,
        "date": day(content.dated),
        "addressee": asdict(content.addressee) if content.addressee else None,
        "loan": _loan(content.loan),
        "reasons": [reason.text for reason in content.reasons],
        "uses_credit_report": content.uses_credit_report,
        "states_rights": content.kind is not NoticeKind.INCOMPLETE,
        "score": _score(content.score) if content.score else None,
        "offer": _offer(content.offer) if content.offer else None,
        "information": _information(content.information) if content.information else None,
        "applicant_page": {"address": page.address, "until": day(page.until)} if page else None,
    }


def form_of(content: NoticeContent) -> str:
    """The form of letter: declined, counter_offer, incomplete or closed.

    A counter-offer that has ended is a decline, because there is nothing left to accept.
    """
    if content.kind is NoticeKind.INCOMPLETE:
        return "incomplete"
    if content.closed_incomplete:
        return "closed"
    return "counter_offer" if content.offer and not content.offer_ended else "declined"


def day(given: date) -> str:
    """A date as "November 29, 2026"."""
    return f"{_MONTHS[given.month - 1]} {given.day}, {given.year}"


def _loan(loan: RequestedLoan) -> list[tuple[str, str]]:
    return [
        ("Loan", loan.product),
        ("Amount and term requested", f"{loan.amount}, {_months(loan.term)}"),
        ("Application last changed" if loan.corrected else "Application received", day(loan.received_on)),
        ("Reference", loan.reference),
    ]


def _score(score: DisclosedScore) -> dict[str, Any]:
    return {
        "facts": [
            ("Your credit score", str(score.points)),
            ("Date of the score", day(score.created_on)),
            ("Range of scores", f"from a low of {score.lowest} to a high of {score.highest}"),
            ("Provider of the score", score.provider),
        ],
        "key_factors": [factor.text for factor in score.key_factors],
    }


def _offer(offer: OfferedTerms) -> dict[str, Any]:
    return {
        "terms": [
            ("Amount", str(offer.amount)),
            ("Term", _months(offer.term)),
            ("Annual interest rate", f"{offer.annual_rate:.2%}"),
            ("Monthly payment", str(offer.instalment)),
            ("You can accept until", day(offer.until)),
        ],
        "until": day(offer.until),
        "conditions": offer.conditions,
    }


def _information(information: RequestedInformation) -> dict[str, str]:
    return {
        "text": information.text,
        "requested_on": day(information.requested_on),
        "answer_by": day(information.answer_by),
    }


def _months(term: int) -> str:
    return "1 month" if term == 1 else f"{term} months"


def _css_string(text: str) -> str:
    """The text for a string of CSS, in which no character has a meaning of its own."""
    return "".join(each if each.isalnum() or each == " " else f"\\{ord(each):x} " for each in text)
