"""Pointers to documents: type, date and SHA-256, which the browser computes of a file that it does not send."""

from collections.abc import Mapping

from nicegui import ui
from nicegui.events import GenericEventArguments

from entrypoints.ui.cases.resolution_entries import DocumentRow, document_rows, rows_text
from entrypoints.ui.shared.widgets import Text, box

_MOST = 10
_CHOSEN = """async (event) => {
  const found = [];
  for (const file of [...event.target.files].slice(0, 10)) {
    const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", await file.arrayBuffer()));
    found.push({
      type: file.name.replace(/\\.[^.]*$/, "").slice(0, 60),
      date: new Date(file.lastModified).toISOString().slice(0, 10),
      sha256: [...hash].map((byte) => byte.toString(16).padStart(2, "0")).join(""),
    });
  }
  event.target.value = "";
  emit(found);
}"""
"""Hashes the chosen files in the browser, which offers that on HTTPS and localhost only."""


class DocumentInputs:
    """The rows of documents. `kept` is a field with all of them as a text, which the draft of the page keeps."""

    def __init__(self) -> None:
        self.kept = ui.input().classes("hidden").props("aria-hidden=true tabindex=-1")
        self.error = Text("p", "", "field-error")
        self.error.visible = False
        with box("fieldset", "documents"):
            Text("legend", "Documents (optional)")
            self._rows = box("div", "document-rows")
            with box("div", "button-row"):
                label = box("label", "button-secondary file-button")
                with label:
                    Text("span", "Choose files")
                    files = box("input", "visually-hidden").props("type=file multiple")
                files.on("change", self._chosen, js_handler=_CHOSEN)
                add = ui.button("Enter by hand", on_click=lambda: self._add(DocumentRow()))
                add.props("flat no-caps icon=add").classes("button-text")
            Text("p", "A file stays on your computer: its type, date and SHA-256 are recorded.", "note")

    @property
    def rows(self) -> list[DocumentRow]:
        """The entered rows."""
        return document_rows(self.kept.value or "")

    def show(self, text: str) -> None:
        """Show the rows in a text of the draft."""
        self.kept.value = text
        self._draw()

    def show_error(self, message: str | None) -> None:
        """Show what is wrong with the documents, or nothing."""
        self.error.text = message or ""
        self.error.visible = bool(message)

    def _add(self, *rows: DocumentRow) -> None:
        self.show(rows_text([*self.rows, *rows][:_MOST]))

    def _chosen(self, event: GenericEventArguments) -> None:
        found = event.args if isinstance(event.args, list) else []
        texts = [{name: str(text) for name, text in each.items()} for each in found if isinstance(each, Mapping)]
        self._add(
            *(DocumentRow(each.get("type", ""), each.get("date", ""), each.get("sha256", "")) for each in texts)
        )

    def _draw(self) -> None:
        self._rows.clear()
        with self._rows:
            for index, row in enumerate(self.rows):
                self._draw_row(index, row)

    def _draw_row(self, index: int, row: DocumentRow) -> None:
        with box("div", "document-row"):
            inputs = (
                ui.input("Type", value=row.type, placeholder="e.g. payslip").props("maxlength=60"),
                ui.input("Date", value=row.date).props("type=date"),
                ui.input("SHA-256", value=row.sha256).props("maxlength=64").classes("code"),
            )
            for each in inputs:
                each.props("outlined dense stack-label hide-bottom-space debounce=200")

            def changed() -> None:
                rows = self.rows
                rows[index] = DocumentRow(*(each.value or "" for each in inputs))
                self.kept.value = rows_text(rows)

            for each in inputs:
                each.on_value_change(changed)
            remove = ui.button("Remove", on_click=lambda: self._remove(index))
            remove.props(f'flat no-caps dense aria-label="Remove document {index + 1}"').classes("button-text")

    def _remove(self, index: int) -> None:
        self.show(rows_text([row for place, row in enumerate(self.rows) if place != index]))
