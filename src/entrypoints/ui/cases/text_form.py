"""Forms of a case's page with one text: a note, a question to the applicant, the answer, a refusal."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from nicegui import ui
from nicegui.events import GenericEventArguments

from domain.cases.case_text import MAX_CASE_TEXT
from entrypoints.ui.applications.draft import CURRENT
from entrypoints.ui.shared.widgets import Text, box, card

Submit = Callable[[ui.button, ui.element], Awaitable[None]]
"""Makes the change with the button that was pressed, and the place for an error."""
Fill = Callable[[object], bool]
"""Enters what the browser has in all fields; False if it was submitted already."""


@dataclass(frozen=True, slots=True)
class FormTexts:
    """The texts of a form: its title with a note, the label of its field, and the title of its button.

    `classes` are "decision-form" if the case waits for this form.
    """

    title: str
    label: str
    action: str
    icon_name: str
    note: str = ""
    classes: str = "text-form"


def text_area(label: str, rows: int = 3) -> ui.textarea:
    """A field for several lines."""
    area = ui.textarea(label).props(f"outlined stack-label autogrow rows={rows} maxlength={MAX_CASE_TEXT}")
    return area.classes("case-text")


def submit_button(title: str, icon_name: str, *, main: bool = False) -> ui.button:
    """The button that submits a form; `main` for the form that the page is for."""
    button = ui.button(title).props(f"no-caps type=submit icon={icon_name}")
    return button.props("unelevated").classes("button-primary") if main else button.props("outline")


@dataclass(slots=True)
class CaseForm:
    """A form that keeps what is typed whatever happens to the case: it is hidden, never drawn again."""

    root: ui.element
    fields: dict[str, ui.input | ui.textarea] = field(default_factory=dict)
    buttons: list[ui.button] = field(default_factory=list)

    def show(self, *, usable: bool) -> None:
        """Show the form if it can be used, or if something is typed; its buttons work only if it can be used."""
        self.root.visible = usable or self.has_entries
        for button in self.buttons:
            button.enabled = usable

    @property
    def has_entries(self) -> bool:
        """Whether anything is typed."""
        return any((each.value or "").strip() for each in self.fields.values())

    def clear(self) -> None:
        """Empty the fields."""
        for each in self.fields.values():
            each.value = ""
            each.error = None


def draw_text_form(name: str, texts: FormTexts, submit: Submit, fill: Fill) -> CaseForm:
    """Draw a form with the field `name`; `fill` gets what the browser has in all fields before `submit`."""
    with card(texts.title, texts.classes, note=texts.note) as root:
        form = CaseForm(root)
        with box("form", "case-form").props("novalidate").mark(f"{name}-form") as element:
            message = box("div", "case-form-error").props("aria-live=assertive")
            form.fields[name] = text_area(texts.label).mark(name)
            with box("div", "form-actions"):
                button = submit_button(texts.action, texts.icon_name)
        form.buttons.append(button)

        async def submitted(event: GenericEventArguments) -> None:
            if not fill(event.args):
                return
            if not (form.fields[name].value or "").strip():
                form.fields[name].error = "Required"
                return
            form.fields[name].error = None
            await submit(button, message)

        element.on("submit.prevent", submitted, js_handler=CURRENT)
    return form


def draw_note(text: str) -> None:
    """A remark in a form."""
    Text("p", text, "note")
