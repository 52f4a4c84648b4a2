"""The table of decisions. On a phone each row becomes a card; the whole row links to its decision."""

from collections.abc import Sequence

from entrypoints.ui.decisions.decision_list import DecisionRow, UnreadableRow
from entrypoints.ui.shared.theme import OUTCOME_ICONS
from entrypoints.ui.shared.widgets import Text, anchor, box, chip

_COLUMNS = (
    ("Decided", ""),
    ("Outcome", ""),
    ("Amount", "amount"),
    ("Purpose", ""),
    ("PD", "amount"),
    ("Points", "amount"),
    ("Grade", "middle"),
    ("Requested by", ""),
)


def draw_table(rows: Sequence[DecisionRow | UnreadableRow]) -> None:
    with box("table", "list-table"):
        Text("caption", "Decisions, newest first", "visually-hidden")
        with box("thead"), box("tr"):
            for title, classes in _COLUMNS:
                Text("th", title, classes).props("scope=col")
        with box("tbody"):
            for row in rows:
                if isinstance(row, UnreadableRow):
                    _draw_unreadable(row)
                else:
                    _draw_row(row)


def _draw_unreadable(row: UnreadableRow) -> None:
    with box("tr"):
        with box("td", "cell-decided"):
            anchor(row.decided, f"/decisions/{row.decision_id}", "row-link")
        with box("td", "cell-outcome"):
            chip("Cannot be read", "neutral", "report_gmailerrorred")
        Text("td", row.problem, "cell-purpose secondary-text").props("colspan=5")
        with box("td", "cell-by"):
            Text("span", row.requested_by)


def _draw_row(row: DecisionRow) -> None:
    with box("tr"):
        with box("td", "cell-decided"):
            anchor(row.decided, f"/decisions/{row.decision_id}", "row-link")
        with box("td", "cell-outcome"):
            chip(row.outcome_label, row.outcome, OUTCOME_ICONS[row.outcome])
        with box("td", "amount cell-amount"):
            Text("span", row.amount, "strong")
            Text("span", row.term, "secondary-text")
        Text("td", row.purpose, "cell-purpose")
        Text("td", row.pd, "amount cell-pd").props("data-label=PD")
        Text("td", row.points, "amount cell-points").props("data-label=Points")
        Text("td", row.grade, "centered cell-grade").props("data-label=Grade")
        with box("td", "cell-by"):
            Text("span", row.requested_by)
            Text("span", row.channel, "secondary-text")
