"""The list of decisions: parses the filters, and presents each record as a row."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import urlencode

from application.ports.decisions.decision_archive import DecisionFilter
from application.use_cases.products.read_product_of import Described
from domain.decisions.unreadable_decision import UnreadableDecision
from domain.policies.outcome import Outcome
from domain.products.fields import LARGEST, NumberField
from domain.products.spelling import UnreadableText, read_number
from entrypoints.ui.applications.application_values import value_texts
from entrypoints.ui.shared import labels
from entrypoints.ui.shared.dates import parse_day
from entrypoints.ui.shared.formats import percent, sentence, timestamp

SEARCH_NAMES = ("text", "outcome", "since", "until", "minimum", "maximum")
"""The filters, as named in the page's address. Both dates are inclusive days in UTC."""

_AMOUNT = NumberField("amount", "Amount", "$", 0, LARGEST, "")
_MAX_TEXT_LENGTH = 100


class InvalidSearch(ValueError):
    """The filters are invalid; `errors` holds the messages by filter name."""

    def __init__(self, errors: Mapping[str, str]) -> None:
        super().__init__(", ".join(f"{name}: {error}" for name, error in errors.items()))
        self.errors = errors


@dataclass(frozen=True, slots=True)
class DecisionRow:
    """One decision in the list."""

    decision_id: str
    decided: str
    outcome: str
    outcome_label: str
    amount: str
    term: str
    purpose: str
    pd: str
    points: str
    grade: str
    requested_by: str
    channel: str


@dataclass(frozen=True, slots=True)
class UnreadableRow:
    """A decision in the list whose stored document cannot be read."""

    decision_id: str
    decided: str
    requested_by: str
    problem: str


def filter_from(search: Mapping[str, str | None]) -> DecisionFilter:
    """The filter for the entered values; raises InvalidSearch."""
    values = {name: (search.get(name) or "").strip() for name in SEARCH_NAMES}
    errors: dict[str, str] = {}
    outcomes = {outcome.value: outcome for outcome in Outcome}
    if values["outcome"] and values["outcome"] not in outcomes:
        errors["outcome"] = "Select an option"
    since, until = (parse_day(values[name], name, errors) if values[name] else None for name in ("since", "until"))
    minimum, maximum = (_amount(values[name], name, errors) for name in ("minimum", "maximum"))
    if since and until and until < since:
        errors["until"] = "End precedes start"
    if minimum is not None and maximum is not None and maximum < minimum:
        errors["maximum"] = "Must be at least the minimum"
    if errors:
        raise InvalidSearch(errors)
    return DecisionFilter(
        text=values["text"][:_MAX_TEXT_LENGTH] or None,
        outcome=outcomes.get(values["outcome"]),
        since=since,
        until=until and until + timedelta(days=1),
        minimum_amount=minimum,
        maximum_amount=maximum,
    )


def address_of(search: Mapping[str, str | None]) -> str:
    """The page's address with these filters, which can be bookmarked and shared."""
    parameters = {name: value for name in SEARCH_NAMES if (value := search.get(name))}
    return "/decisions" + (f"?{urlencode(parameters)}" if parameters else "")


def decision_row(listed: Described | UnreadableDecision) -> DecisionRow | UnreadableRow:
    if isinstance(listed, UnreadableDecision):
        return UnreadableRow(
            str(listed.decision_id), timestamp(listed.decided_at), listed.requested_by, sentence(listed.problem)
        )
    record, product = listed
    decision, values = record.decision, value_texts(record.application, product)
    return DecisionRow(
        decision_id=str(record.decision_id),
        decided=timestamp(record.decided_at),
        outcome=decision.outcome.value,
        outcome_label=labels.OUTCOMES[decision.outcome],
        amount=values[product.amount],
        term=values[product.term],
        purpose="" if product.purpose is None else values[product.purpose],
        pd=percent(record.prediction.pd.value),
        points=str(decision.points),
        grade=decision.grade,
        requested_by=record.requested_by.name,
        channel=labels.channel_label(record.channel),
    )


def _amount(text: str, name: str, errors: dict[str, str]) -> float | None:
    try:
        amount = read_number(text, _AMOUNT)
    except UnreadableText:
        amount = None
    if text and not _AMOUNT.allows(amount):
        errors[name] = "Enter an amount, e.g. 10,000"
    return amount
