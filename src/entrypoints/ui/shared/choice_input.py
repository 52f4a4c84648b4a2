"""A form field with the browser's own list of choices, which works by keyboard and on phones."""

from collections.abc import Mapping

from nicegui.elements.mixins.validation_element import ValidationElement


class ChoiceInput(ValidationElement[str | None], component="choice_input.js"):
    """A list of `choices` with their labels; typing the beginning of a label selects it.

    The value is the choice, "" or None for none. With `empty`, the label of no choice, none can be selected again.
    """

    VALUE_PROP = "value"
    LOOPBACK = False

    def __init__(
        self, choices: Mapping[str, str], *, label: str, value: str | None = None, empty: str = ""
    ) -> None:
        super().__init__(validation=None, value=value)
        self.props["options"] = [list(item) for item in choices.items()]
        self.props["label"] = label
        self.props["placeholder"] = empty or "Select…"
        self.props["clearable"] = bool(empty)
