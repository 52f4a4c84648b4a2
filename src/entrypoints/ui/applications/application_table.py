"""The table of applications. On a phone each row becomes a card; the whole row links to its application."""

from collections.abc import Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from application.use_cases.applications.read_applications import PresentApplication
from domain.applications.synthetic import is_synthetic
from domain.decisions.unreadable_decision import UnreadableDecision
from entrypoints.ui.applications.application_view import STATE_CHIPS, ChipStyle
from entrypoints.ui.shared import labels
from entrypoints.ui.shared.formats import counted, money, sentence
from entrypoints.ui.shared.time_zone import UTC_ZONE, Moment
from entrypoints.ui.shared.widgets import Text, anchor, box, chip, synthetic_mark

_COLUMNS = (
    ("Decided", ""),
    ("State", ""),
    ("Amount", "amount"),
    ("Applicant", ""),
    ("Offer expires", ""),
    ("Submitted by", ""),
)


@dataclass(frozen=True, slots=True)
class ApplicationRow:
    """One application in the list. `problem` says why it cannot be read."""

    href: str
    decided: Moment
    state: str
    style: ChipStyle
    icon_name: str
    submitted_by: str
    amount: str = ""
    term: str = ""
    reference: str = ""
    applicant: str = ""
    expires: Moment | None = None
    decisions: str = ""
    problem: str = ""
    synthetic: bool = False


def application_row(
    application: PresentApplication | UnreadableDecision, zone: ZoneInfo = UTC_ZONE
) -> ApplicationRow:
    """The row of an application, with its times in the zone."""
    if isinstance(application, UnreadableDecision):
        return ApplicationRow(
            f"/decisions/{application.decision_id}",
            Moment.of(application.decided_at, zone),
            "Cannot be read",
            "neutral",
            "report_gmailerrorred",
            application.requested_by,
            problem=sentence(application.problem),
        )
    record, count = application.record, len(application.stored.decision_ids)
    style, icon_name = STATE_CHIPS[application.state]
    expires = application.life.expires_at
    terms = record.application.terms
    return ApplicationRow(
        f"/applications/{application.life.application_id}",
        Moment.of(record.decided_at, zone),
        labels.APPLICATION_STATES[application.state],
        style,
        icon_name,
        application.stored.requested_by,
        amount=money(terms.amount),
        term=f"{terms.term} months",
        reference=record.identity.application_reference or "",
        applicant=record.identity.applicant_reference or "",
        expires=None if expires is None else Moment.of(expires, zone),
        decisions="" if count == 1 else counted(count, "decision", "decisions"),
        synthetic=is_synthetic(record.identity),
    )


def draw_table(rows: Sequence[ApplicationRow]) -> None:
    """Draw the rows."""
    with box("table", "list-table application-table"):
        Text("caption", "Applications, the newest decision first", "visually-hidden")
        with box("thead"), box("tr"):
            for title, classes in _COLUMNS:
                Text("th", title, classes).props("scope=col")
        with box("tbody"):
            for row in rows:
                _draw_row(row)


def _draw_row(row: ApplicationRow) -> None:
    with box("tr"):
        with box("td", "cell-decided"):
            link = anchor(row.decided.local, row.href, "row-link")
            link.props["title"] = row.decided.utc
            if row.reference:
                Text("span", row.reference, "secondary-text cell-reference")
            if row.synthetic:
                synthetic_mark()
        with box("td", "cell-outcome"):
            chip(row.state, row.style, row.icon_name)
            if row.decisions:
                Text("span", row.decisions, "secondary-text")
        if row.problem:
            Text("td", row.problem, "cell-purpose secondary-text").props(f"colspan={len(_COLUMNS) - 3}")
        else:
            with box("td", "amount cell-amount"):
                Text("span", row.amount, "strong")
                Text("span", row.term, "secondary-text")
            Text("td", row.applicant, "cell-purpose")
            with box("td", "cell-expires"):
                if row.expires is not None:
                    Text("span", row.expires.local).props["title"] = row.expires.utc
        Text("td", row.submitted_by, "cell-by")
