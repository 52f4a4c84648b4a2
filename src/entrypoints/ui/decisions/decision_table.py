"""The table of decisions; on a phone each row becomes a card. The whole row leads to its decision."""

from collections.abc import Sequence

from entrypoints.ui.decisions.decision_list import DecisionRow
from entrypoints.ui.shared.theme import OUTCOME_ICONS
from entrypoints.ui.shared.widgets import Words, anchor, box, chip

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


def draw_table(rows: Sequence[DecisionRow]) -> None:
    """A row a decision."""
    with box("table", "decisions"):
        Words("caption", "Decisions, newest first", "unseen")
        with box("thead"), box("tr"):
            for title, classes in _COLUMNS:
                Words("th", title, classes).props("scope=col")
        with box("tbody"):
            for row in rows:
                _draw_row(row)


def _draw_row(row: DecisionRow) -> None:
    with box("tr"):
        with box("td", "cell-decided"):
            anchor(row.decided, f"/decisions/{row.decision_id}", "row-link")
        with box("td", "cell-outcome"):
            chip(row.headline, row.outcome, OUTCOME_ICONS[row.outcome])
        with box("td", "amount cell-amount"):
            Words("span", row.amount, "strong")
            Words("span", row.term, "under")
        Words("td", row.purpose, "cell-purpose")
        Words("td", row.pd, "amount cell-pd").props("data-label=PD")
        Words("td", row.points, "amount cell-points").props("data-label=Points")
        Words("td", row.grade, "middle cell-grade").props("data-label=Grade")
        with box("td", "cell-by"):
            Words("span", row.requested_by)
            Words("span", row.channel, "under")
