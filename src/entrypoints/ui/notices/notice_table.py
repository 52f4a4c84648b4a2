"""The table of notices, of which only rows that changed are redrawn. On a phone each row becomes a card."""

from collections.abc import Sequence

from nicegui import ui

from entrypoints.ui.notices.notice_rows import NoticeRow
from entrypoints.ui.shared.widgets import Text, anchor, box, chip, synthetic_mark

_COLUMNS = ("Application", "Due", "Notice", "Because", "State")


class NoticeTable:
    """The rows on the page, by notice."""

    def __init__(self, caption: str) -> None:
        self._rows: dict[str, tuple[NoticeRow, ui.element]] = {}
        with box("table", "list-table notice-table"):
            Text("caption", caption, "visually-hidden")
            with box("thead"), box("tr"):
                for title in _COLUMNS:
                    Text("th", title).props("scope=col")
            self._body = box("tbody")

    def show(self, rows: Sequence[NoticeRow]) -> None:
        """Show these rows in this order."""
        if [row.notice_id for row in rows] == list(self._rows):
            for row in rows:
                shown, element = self._rows[row.notice_id]
                if row != shown:
                    element.clear()
                    self._draw(row, element)
            return
        self._body.clear()
        self._rows.clear()
        with self._body:
            for row in rows:
                self._draw(row, box("tr"))

    def _draw(self, row: NoticeRow, element: ui.element) -> None:
        self._rows[row.notice_id] = (row, element)
        with element:
            with box("td", "cell-case"):
                link = anchor(row.title, f"/notices/{row.notice_id}", "row-link")
                link.props(f"data-focus={row.notice_id}")
                Text("span", row.subtitle, "secondary-text cell-reference")
                if row.synthetic:
                    synthetic_mark()
            with box("td", "cell-due"):
                if row.due is not None:
                    with box("span") as due:
                        due.props["title"] = row.due.detail
                        chip(row.due.text, row.due.style, row.due.icon_name)
                Text("span", f"by {row.due_by}", "secondary-text")
            Text("td", row.kind, "cell-kind strong")
            Text("td", row.cause, "cell-reasons")
            with box("td", "cell-state"):
                Text("span", row.state)
                if row.changed:
                    Text("span", row.changed, "secondary-text")
