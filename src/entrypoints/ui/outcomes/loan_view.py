"""The loan of an accepted application as text: its status, its label, and every recorded outcome."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from application.ports.outcomes.loan_outcomes import StoredLoan
from domain.outcomes.label import MONTHS_TO_MATURITY, Observation, observation
from domain.outcomes.loan import Loan
from domain.outcomes.loan_outcome import LoanOutcome
from domain.outcomes.loan_status import LoanStatus
from entrypoints.ui.shared.formats import counted, day, money, percent
from entrypoints.ui.shared.time_zone import UTC_ZONE, Moment

STATUSES: Mapping[LoanStatus, str] = {
    LoanStatus.BOOKED: "Booked",
    LoanStatus.PERFORMING: "Performing",
    LoanStatus.LATE: "Late",
    LoanStatus.DEFAULTED: "In default",
    LoanStatus.CHARGED_OFF: "Charged off",
    LoanStatus.PAID: "Paid",
    LoanStatus.PREPAID: "Prepaid",
}
AMOUNTS: Mapping[str, str] = {
    "outstanding": "Outstanding",
    "paid": "Paid so far",
    "charged_off": "Charged off",
    "recovered": "Recovered",
}
_CHIPS: Mapping[LoanStatus, tuple[str, str]] = {
    LoanStatus.BOOKED: ("neutral", "payments"),
    LoanStatus.PERFORMING: ("approved", "trending_up"),
    LoanStatus.LATE: ("referred", "schedule"),
    LoanStatus.DEFAULTED: ("declined", "warning_amber"),
    LoanStatus.CHARGED_OFF: ("declined", "cancel"),
    LoanStatus.PAID: ("approved", "check_circle"),
    LoanStatus.PREPAID: ("approved", "check_circle"),
}


@dataclass(frozen=True, slots=True)
class OutcomeEntry:
    """A recorded outcome; `correction` says what it corrects and why, `corrected` by which it was corrected."""

    outcome: LoanOutcome
    title: str
    details: tuple[str, ...]
    correction: str
    corrected: str
    recorded: str


@dataclass(frozen=True, slots=True)
class LoanView:
    """The card of a loan. `label` says whether it defaulted, and since when that is known."""

    loan: Loan
    status: str
    style: str
    icon_name: str
    as_of: str
    facts: tuple[tuple[str, str], ...]
    label: str
    entries: tuple[OutcomeEntry, ...]


def loan_view(stored: StoredLoan, zone: ZoneInfo = UTC_ZONE) -> LoanView:
    """The view of a loan, the newest outcome first."""
    loan, last = stored.loan, stored.loan.last
    style, icon_name = ("neutral", "hourglass_empty") if last is None else _CHIPS[last.stated.status]
    known = observation(loan)
    facts = [("Accepted", money(loan.amount)), ("Expected default", percent(stored.pd))]
    if known is not None:
        facts.insert(1, ("Booked", day(known.booked_on)))
        if known.closed_on is not None:
            facts.insert(2, ("Closed", day(known.closed_on)))
    return LoanView(
        loan=loan,
        status="No outcome yet" if last is None else STATUSES[last.stated.status],
        style=style,
        icon_name=icon_name,
        as_of="" if last is None else f"As of {day(last.stated.as_of)}",
        facts=tuple(facts),
        label=_label(known),
        entries=tuple(_entry(each, loan, zone) for each in reversed(loan.history)),
    )


def _label(known: Observation | None) -> str:
    """What the loan counts as in figures and in training, and since when."""
    if known is None:
        return "It counts in no figure before its first outcome."
    if known.defaulted_on is not None:
        return f"Counts as defaulted since {day(known.defaulted_on)}."
    if known.closed_on is not None:
        return f"Counts as repaid since {day(known.closed_on)}."
    if known.default is False:
        return f"Counts as not defaulted: mature since {day(known.matures_on)}."
    return (
        f"Immature: whether it counts as defaulted is known when it is closed, in default, or reported on "
        f"{day(known.matures_on)} or later, {MONTHS_TO_MATURITY} months after booking."
    )


def _entry(outcome: LoanOutcome, loan: Loan, zone: ZoneInfo) -> OutcomeEntry:
    numbers = {each.outcome_id: each.number for each in loan.history}
    stated = outcome.stated
    corrected = next((each for each in loan.history if each.corrects == outcome.outcome_id), None)
    late = "" if stated.days_past_due is None else f", {counted(stated.days_past_due, 'day', 'days')} past due"
    correction = ""
    if outcome.corrects is not None:
        correction = f"Corrects outcome {numbers[outcome.corrects]}: {outcome.reason}"
    return OutcomeEntry(
        outcome=outcome,
        title=f"{outcome.number}. {STATUSES[stated.status]}{late}, as of {day(stated.as_of)}",
        details=tuple(_details(outcome)),
        correction=correction,
        corrected="" if corrected is None else f"Corrected by outcome {corrected.number}",
        recorded=f"Recorded by {outcome.actor.name}, {Moment.of(outcome.at, zone).local}",
    )


def _details(outcome: LoanOutcome) -> Iterator[str]:
    amounts = [f"{AMOUNTS[name]} {money(amount)}" for name, amount in outcome.stated.amounts.stated()]
    if amounts:
        yield ", ".join(amounts)
    yield f"Booked {day(outcome.booked_on)}"
