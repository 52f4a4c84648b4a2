"""The table of cases, of which only rows that changed are redrawn. On a phone each row becomes a card."""

from collections.abc import Sequence

from nicegui import ui

from entrypoints.ui.cases.case_rows import CaseRow
from entrypoints.ui.shared.widgets import Text, anchor, box, chip, synthetic_mark

_COLUMNS = (
    ("Application", ""),
    ("Due", ""),
    ("Amount", "amount"),
    ("Grade", "centered"),
    ("Reasons", ""),
    ("Age", "amount"),
    ("State", ""),
)


class CaseTable:
    """The rows on the page, by case."""

    def __init__(self, caption: str) -> None:
        self._rows: dict[str, tuple[CaseRow, ui.element]] = {}
        with box("table", "list-table case-table"):
            Text("caption", caption, "visually-hidden")
            with box("thead"), box("tr"):
                for title, classes in _COLUMNS:
                    Text("th", title, classes).props("scope=col")
            self._body = box("tbody")

    def show(self, rows: Sequence[CaseRow]) -> None:
        """Show these rows in this order."""
        if [row.case_id for row in rows] == list(self._rows):
            for row in rows:
                shown, element = self._rows[row.case_id]
                if row != shown:
                    element.clear()
                    self._draw(row, element)
            return
        self._body.clear()
        self._rows.clear()
        with self._body:
            for row in rows:
                self._draw(row, box("tr"))

    def _draw(self, row: CaseRow, element: ui.element) -> None:
        self._rows[row.case_id] = (row, element)
        with element:
            with box("td", "cell-case"):
                link = anchor(row.title, f"/cases/{row.case_id}", "row-link")
                link.props(f"data-focus={row.case_id}")
                link.props["title"] = f"Opened {row.opened.both}"
                if row.subtitle:
                    Text("span", row.subtitle, "secondary-text cell-reference")
                if row.request:
                    with box("span") as request:
                        request.props["title"] = f"To be answered by {row.request}."
                        chip("Applicant's request", "referred", "support_agent")
                if row.synthetic:
                    synthetic_mark()
            with box("td", "cell-due"):
                if row.due is not None:
                    with box("span") as due:
                        due.props["title"] = row.due.detail
                        chip(row.due.text, row.due.style, row.due.icon_name)
            with box("td", "amount cell-amount"):
                Text("span", row.amount, "strong")
            Text("td", row.grade, "centered cell-case-grade").props("data-label=Grade")
            with box("td", "cell-reasons"):
                Text("span", row.reason)
                if row.more_reasons:
                    more = Text("span", f"and {len(row.more_reasons)} more", "secondary-text")
                    more.props["title"] = "\n".join(row.more_reasons)
            Text("td", row.age, "amount cell-age").props("data-label=Age")
            with box("td", "cell-state"):
                Text("span", row.state)
                if row.holder:
                    Text("span", row.holder, "secondary-text")
