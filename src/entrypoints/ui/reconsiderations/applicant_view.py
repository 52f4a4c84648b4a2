"""The applicant's page in plain words, as values that the templates show."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo

from application.use_cases.reconsiderations.ask_for_reconsideration import CheckedRequest
from application.use_cases.reconsiderations.read_applicant_page import ApplicantPage
from domain.applications.application_life import Offer
from domain.applications.application_state import ApplicationState
from domain.applications.loan_application import FieldValue
from domain.products.fields import ChoiceField, Field, NumberField
from domain.reconsiderations.reconsideration import (
    AnswerReason,
    Reconsideration,
    ReconsiderationKind,
    ReconsiderationState,
)
from domain.reconsiderations.request_content import MAX_TEXT
from entrypoints.ui.shared.field_values import choice_labels, field_label, value_text
from entrypoints.ui.shared.formats import money, number, percent, sentence

FIELD_PREFIX = "field-"
"""Inputs of fields are named so, that no field of a product is mixed up with the form's own inputs."""
_STATES = {
    ApplicationState.APPROVED: ("approved", "Your application is approved"),
    ApplicationState.COUNTER_OFFER: ("offer", "We can offer you a different loan"),
    ApplicationState.REFERRED: ("referred", "A person is reviewing your application"),
    ApplicationState.DECLINED: ("declined", "We could not approve your application"),
    ApplicationState.ACCEPTED: ("approved", "You accepted the loan"),
    ApplicationState.WITHDRAWN: ("ended", "Your application was withdrawn"),
    ApplicationState.EXPIRED: ("ended", "Your application is closed"),
}
_REASONS = {
    ApplicationState.DECLINED: "Why we could not approve it",
    ApplicationState.COUNTER_OFFER: "Why we cannot lend what you asked for",
    ApplicationState.EXPIRED: "Why it is closed",
}
_ASKED = {
    ReconsiderationKind.CORRECTION: "You asked us to correct your information",
    ReconsiderationKind.HUMAN_REVIEW: "You asked for a person to review the decision",
}
_ANSWERS = {
    ReconsiderationState.UPHELD: "Our decision stays as it was.",
    ReconsiderationState.OVERTURNED: "We changed our decision.",
    ReconsiderationState.CLOSED: "Your request is closed.",
}
_ANSWER_REASONS = {
    AnswerReason.CORRECTION_ACCEPTED: "We decided again with the information that you corrected.",
    AnswerReason.REVIEWED: "A person reviewed your application together with what you wrote.",
    AnswerReason.DECIDED_AGAIN: "We decided your application again.",
    AnswerReason.NO_INFORMATION: "We did not receive the information that we asked for.",
    AnswerReason.WITHDRAWN: "Your application was withdrawn.",
}


@dataclass(frozen=True, slots=True)
class Line:
    """A label with a text."""

    label: str
    text: str


@dataclass(frozen=True, slots=True)
class RequestView:
    """An earlier request: what was asked, and the answer or until when it comes."""

    title: str
    detail: str
    answer: str
    is_open: bool


@dataclass(frozen=True, slots=True)
class Input:
    """An input of the form of corrections. `choices` are the values of a list with their labels."""

    name: str
    label: str
    hint: str
    value: str
    choices: tuple[Line, ...] = ()
    fault: str = ""


@dataclass(frozen=True, slots=True)
class ApplicantView:
    """Everything on the page. `style` is the look of the state."""

    style: str
    title: str
    facts: tuple[Line, ...]
    awaited: Line | None
    reasons_title: str
    reasons: tuple[str, ...]
    offer: tuple[Line, ...]
    requests: tuple[RequestView, ...]
    submitted: tuple[Line, ...]
    inputs: tuple[Input, ...]
    can_correct: bool
    can_ask: bool
    lender: str
    contact: str
    valid_until: str
    synthetic: bool
    longest_text: int = MAX_TEXT


def applicant_view(
    page: ApplicantPage, entered: Mapping[str, str] | None = None, faults: Mapping[str, str] | None = None
) -> ApplicantView:
    """The page; with what was entered into the form of corrections and what is wrong with it."""
    style, title = _STATES[page.state]
    zone = page.zone
    under_review = page.state is ApplicationState.REFERRED and bool(page.reasons)
    return ApplicantView(
        style=style,
        title=title,
        facts=tuple(_facts(page)),
        awaited=None
        if page.awaited is None
        else Line(f"Please send it by {last_day(page.awaited.until, zone)}", page.awaited.text),
        reasons_title="Why we decided as we did before" if under_review else _REASONS.get(page.state, "Why"),
        reasons=tuple(sentence(reason) for reason in page.reasons),
        offer=() if page.offer is None else _offer(page.offer, zone),
        requests=tuple(_request(each, zone) for each in page.requests),
        submitted=tuple(Line(field_label(each), value_text(each, page.values[each.name])) for each in page.fields),
        inputs=tuple(_input(each, page.values[each.name], entered or {}, faults or {}) for each in page.fields),
        can_correct=ReconsiderationKind.CORRECTION in page.kinds,
        can_ask=ReconsiderationKind.HUMAN_REVIEW in page.kinds,
        lender=page.lender.name,
        contact=" · ".join(part for part in (page.lender.name, page.lender.phone) if part),
        valid_until=last_day(page.valid_until, zone),
        synthetic=page.synthetic,
    )


def review_lines(checked: CheckedRequest) -> tuple[tuple[str, str, str], ...]:
    """The corrections for review: label, present value, stated value."""
    return tuple(
        (field_label(each.field), value_text(each.field, each.present), value_text(each.field, each.stated))
        for each in checked.corrections
    )


def day(at: datetime, zone: tzinfo) -> str:
    """January 23, 2027, in a time zone."""
    local = at.astimezone(zone)
    return f"{local:%B} {local.day}, {local.year}"


def last_day(until: datetime, zone: tzinfo) -> str:
    """The last day that ends before a time, so that no more is promised than there is."""
    return day(until - timedelta(days=1), zone)


def _facts(page: ApplicantPage) -> list[Line]:
    facts = [
        Line("Received", day(page.received_at, page.zone)),
        Line("You asked for", money(page.requested)),
    ]
    if page.accepted is not None:
        facts.append(Line("You accepted", money(page.accepted)))
    return facts


def _offer(offer: Offer, zone: tzinfo) -> tuple[Line, ...]:
    return (
        Line("Amount", money(offer.amount)),
        Line("Repaid over", f"{offer.term} months"),
        Line("Annual rate", percent(offer.annual_rate)),
        Line("You can accept it until", last_day(offer.expires_at, zone)),
    )


def _request(request: Reconsideration, zone: tzinfo) -> RequestView:
    title = _ASKED[request.kind]
    detail = f"Sent on {day(request.requested_at, zone)}."
    if request.answer is None:
        return RequestView(title, f"{detail} We answer by {day(request.due_at, zone)}.", "", is_open=True)
    answered = "" if request.answered_at is None else f" Answered on {day(request.answered_at, zone)}."
    answer = f"{_ANSWERS[request.answer.state]} {_ANSWER_REASONS[request.answer.reason]}"
    return RequestView(title, f"{detail}{answered}", answer, is_open=False)


def _input(each: Field, value: FieldValue, entered: Mapping[str, str], faults: Mapping[str, str]) -> Input:
    choices: tuple[Line, ...] = ()
    if isinstance(each, ChoiceField):
        choices = tuple(Line(choice, label) for choice, label in choice_labels(each).items())
    shown = entered.get(each.name, _text(value))
    unit = each.unit if isinstance(each, NumberField) and each.unit else ""
    label = f"{field_label(each)} ({unit})" if unit else field_label(each)
    return Input(FIELD_PREFIX + each.name, label, each.hint, shown, choices, faults.get(each.name, ""))


def _text(value: FieldValue) -> str:
    if value is None:
        return ""
    return number(float(value)) if isinstance(value, int | float) else value
