"""The identifier of a decision, which can be copied."""

from nicegui import ui

from entrypoints.ui.shared.widgets import Text, box, synthetic_mark


def draw_identifier(decision_id: str, *, synthetic: bool = False) -> None:
    """Draw the identifier, with the mark of what the demonstration made up."""
    if synthetic:
        synthetic_mark()
    with box("div", "identifier"):
        Text("code", decision_id)
        copy = ui.button(icon="content_copy", on_click=lambda: _copy(decision_id))
        copy.props('flat dense round size=sm aria-label="Copy decision ID"').classes("screen-only")


def _copy(decision_id: str) -> None:
    ui.clipboard.write(decision_id)
    ui.notify("Decision ID copied", type="positive", position="top", timeout=1500)
