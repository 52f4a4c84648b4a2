"""The filters of the decision list; each applies immediately."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field

from nicegui import ui

from domain.policies.outcome import Outcome
from entrypoints.ui.decisions.decision_search import exact_period
from entrypoints.ui.shared.labels import OUTCOMES
from entrypoints.ui.shared.page_context import PageContext
from entrypoints.ui.shared.time_zone import Moment
from entrypoints.ui.shared.widgets import Text, box

MORE = ("minimum", "maximum", "requested_by")
"""The filters that are shown on request."""


@dataclass(slots=True)
class SearchForm:
    """The fields of the search by name; `apply` is called with the name of one that changed."""

    context: PageContext
    search: dict[str, str | None]
    apply: Callable[[str], Awaitable[None]]
    inputs: dict[str, ui.input | ui.select] = field(default_factory=dict)

    def draw(self) -> None:
        """Draw the fields: those that most people use, and the others in a section that can be opened."""
        with box("form", "search card").props("role=search novalidate").on("submit.prevent", lambda: None):
            has_purpose = self.context.use_cases.read_product_in_force().purpose is not None
            searched = "Decision ID, user or purpose" if has_purpose else "Decision ID or user"
            self._field("text", ui.input("Search", placeholder=searched), "search-text")
            self._choice("outcome", "Outcome", {outcome.value: OUTCOMES[outcome] for outcome in Outcome})
            grades = self.context.use_cases.read_policy_in_force().pricing.grades
            self._choice("grade", "Grade", {grade.name: grade.name for grade in grades})
            self._field("since", ui.input("From date").props("type=date"))
            self._field("until", ui.input("To date").props("type=date"))
            used = sum(bool(self.search[name]) for name in MORE)
            with box("details", "more-filters") as more:
                if used:
                    more.props("open")
                Text("summary", f"More filters ({used})" if used else "More filters")
                with box("div", "more-fields"):
                    self._field("minimum", ui.input("Min. amount", prefix="$").props("inputmode=decimal"))
                    self._field("maximum", ui.input("Max. amount", prefix="$").props("inputmode=decimal"))
                    self._field("requested_by", ui.input("Requested by", placeholder="Exact username"))

    def _choice(self, name: str, label: str, choices: Mapping[str, str]) -> None:
        """A field to select one of the choices, or what the address states: the grade of an earlier policy."""
        given = self.search[name] or ""
        options = {"": "All"} | dict(choices) | ({} if given in choices or not given else {given: given})
        self._field(name, ui.select(options, label=label, value=""))

    def _field(self, name: str, element: ui.input | ui.select, classes: str = "") -> None:
        element.value = self.search[name] or ""
        element.props("outlined dense stack-label hide-bottom-space options-dense debounce=300 maxlength=100")
        element.classes(classes).mark(f"search-{name}")
        self.inputs[name] = element

        async def changed() -> None:
            self.search[name] = element.value
            await self.apply(name)

        element.on_value_change(changed)

    def show_errors(self, errors: Mapping[str, str]) -> None:
        """Show each error at its field, and no other."""
        for name, element in self.inputs.items():
            element.error = errors.get(name)

    def draw_period(self, clear: Callable[[], Awaitable[None]]) -> None:
        """Draw the exact period of a link from a chart, with a button that removes it."""
        times = [
            (word, Moment.of(at, self.context.zone))
            for word, at in zip(("from", "until before"), exact_period(self.search), strict=True)
            if at is not None
        ]
        if not times:
            return
        with box("p", "period-note"):
            text = Text("span", f"Decided {' '.join(f'{word} {at.local}' for word, at in times)}")
            text.props["title"] = ", ".join(f"{word} {at.utc}" for word, at in times)
            ui.button("Remove", on_click=clear).props('flat no-caps dense aria-label="Remove the period"').classes(
                "button-text screen-only"
            )
