"""The table of decisions. On a phone each row becomes a card; the whole row links to its decision."""

from collections.abc import Mapping, Sequence

from application.ports.decisions.decision_archive import DecisionSort
from entrypoints.ui.decisions.decision_list import DecisionRow, UnreadableRow
from entrypoints.ui.shared.theme import OUTCOME_ICONS
from entrypoints.ui.shared.widgets import Text, anchor, box, chip, synthetic_mark

_PURPOSE = ("Purpose", "")
_COLUMNS = (
    ("Decided", ""),
    ("Outcome", ""),
    ("Amount", "amount"),
    _PURPOSE,
    ("PD", "amount"),
    ("Points", "amount"),
    ("Grade", "middle"),
    ("Requested by", ""),
)


_SORTED: Mapping[DecisionSort, tuple[str, str]] = {
    DecisionSort.NEWEST: ("Decided", "descending"),
    DecisionSort.OLDEST: ("Decided", "ascending"),
    DecisionSort.AMOUNT: ("Amount", "descending"),
    DecisionSort.AMOUNT_ASCENDING: ("Amount", "ascending"),
    DecisionSort.PD: ("PD", "descending"),
    DecisionSort.PD_ASCENDING: ("PD", "ascending"),
}
"""The column of each order, and its direction."""


def draw_table(rows: Sequence[DecisionRow | UnreadableRow], sort: DecisionSort) -> None:
    """Draw the rows; there is a column of purposes if any loan has one."""
    sorted_by, direction = _SORTED[sort]
    purposes = any(isinstance(row, DecisionRow) and row.purpose for row in rows)
    columns = [column for column in _COLUMNS if purposes or column != _PURPOSE]
    with box("table", "list-table"):
        Text("caption", f"Decisions by {sorted_by}, {direction}", "visually-hidden")
        with box("thead"), box("tr"):
            for title, classes in columns:
                head = Text("th", title, classes).props("scope=col")
                if title == sorted_by:
                    head.props(f"aria-sort={direction}")
        with box("tbody"):
            for row in rows:
                if isinstance(row, UnreadableRow):
                    _draw_unreadable(row, len(columns))
                else:
                    _draw_row(row, purposes=purposes)


def _draw_link(row: DecisionRow | UnreadableRow) -> None:
    """The link of the whole row: the time, and on hover and in print also in UTC."""
    link = anchor(row.decided.local, f"/decisions/{row.decision_id}", "row-link")
    link.props["title"] = row.decided.utc
    if row.decided.local != row.decided.utc:
        link.props["data-utc"] = row.decided.utc


def _draw_unreadable(row: UnreadableRow, columns: int) -> None:
    with box("tr"):
        with box("td", "cell-decided"):
            _draw_link(row)
        with box("td", "cell-outcome"):
            chip("Cannot be read", "neutral", "report_gmailerrorred")
        Text("td", row.problem, "cell-purpose secondary-text").props(f"colspan={columns - 3}")
        with box("td", "cell-by"):
            Text("span", row.requested_by)


def _draw_row(row: DecisionRow, *, purposes: bool) -> None:
    with box("tr"):
        with box("td", "cell-decided"):
            _draw_link(row)
            if row.reference:
                Text("span", row.reference, "secondary-text cell-reference")
            if row.synthetic:
                synthetic_mark()
        with box("td", "cell-outcome"):
            chip(row.outcome_label, row.outcome, OUTCOME_ICONS[row.outcome])
            if row.final_outcome:
                Text("span", f"Final: {row.final_outcome}", "secondary-text cell-final")
            if row.trial:
                Text("span", "Trial run", "secondary-text")
        with box("td", "amount cell-amount"):
            Text("span", row.amount, "strong")
            Text("span", row.term, "secondary-text")
        if purposes:
            Text("td", row.purpose, "cell-purpose")
        Text("td", row.pd, "amount cell-pd").props("data-label=PD")
        Text("td", row.points, "amount cell-points").props("data-label=Points")
        Text("td", row.grade, "centered cell-grade").props("data-label=Grade")
        with box("td", "cell-by"):
            Text("span", row.requested_by)
            Text("span", row.origin, "secondary-text")
