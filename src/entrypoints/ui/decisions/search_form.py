"""The filters of the decision list; each applies immediately."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field

from nicegui import ui

from application.ports.decisions.decision_archive import DecisionSort, FinalOutcomeFilter
from domain.policies.outcome import Outcome
from entrypoints.ui.decisions.decision_search import NO_TRIALS, ONLY_TRIALS, exact_period, pd_range, sort_of
from entrypoints.ui.shared.formats import percent
from entrypoints.ui.shared.labels import CHANNELS, FINAL_OUTCOMES, OUTCOMES
from entrypoints.ui.shared.page_context import PageContext
from entrypoints.ui.shared.time_zone import Moment
from entrypoints.ui.shared.widgets import Text, box

MORE = {
    "application": "Application reference",
    "applicant": "Applicant reference",
    "requested_by": "Requested by",
    "channel": "Channel",
    "source": "Source",
    "model": "Model version",
    "policy": "Policy version",
}
"""The filters by exact text, which are shown on request, with some others."""
_ALSO_MORE = ("final", "minimum", "maximum", "received", "trial")
SORTS: Mapping[DecisionSort, str] = {
    DecisionSort.NEWEST: "Newest first",
    DecisionSort.OLDEST: "Oldest first",
    DecisionSort.AMOUNT: "Largest amount first",
    DecisionSort.AMOUNT_ASCENDING: "Smallest amount first",
    DecisionSort.PD: "Highest PD first",
    DecisionSort.PD_ASCENDING: "Lowest PD first",
}
_FINAL_OUTCOMES: Mapping[str, str] = {
    **{outcome.value: label for outcome, label in FINAL_OUTCOMES.items()},
    FinalOutcomeFilter.UNDECIDED.value: "Not decided yet",
}
_TRIALS = {NO_TRIALS: "Without trial runs", ONLY_TRIALS: "Only trial runs"}


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
            searched = "ID, reference, user or purpose" if has_purpose else "ID, reference or user"
            self._field("text", ui.input("Search", placeholder=searched), "search-text")
            self._choice("outcome", "Outcome", {outcome.value: OUTCOMES[outcome] for outcome in Outcome})
            grades = self.context.use_cases.read_policy_in_force().pricing.grades
            self._choice("grade", "Grade", {grade.name: grade.name for grade in grades})
            self._field("since", ui.input("From date").props("type=date"))
            self._field("until", ui.input("To date").props("type=date"))
            sorts = {sort.value: text for sort, text in SORTS.items()}
            given = sort_of(self.search).value
            self._field("sort", ui.select(sorts, label="Sort", value=given), "search-sort", given)
            used = sum(bool(self.search[name]) for name in (*MORE, *_ALSO_MORE))
            with box("details", "more-filters") as more:
                if used:
                    more.props("open")
                Text("summary", f"More filters ({used})" if used else "More filters")
                with box("div", "more-fields"):
                    self._choice("final", "Final outcome", _FINAL_OUTCOMES)
                    self._field("minimum", ui.input("Min. amount", prefix="$").props("inputmode=decimal"))
                    self._field("maximum", ui.input("Max. amount", prefix="$").props("inputmode=decimal"))
                    for name, label in MORE.items():
                        self._field(name, ui.input(label, placeholder="Exact text"))
                    self._choice("received", "Received through", CHANNELS)
                    self._choice("trial", "Trial runs", _TRIALS)

    def _choice(self, name: str, label: str, choices: Mapping[str, str]) -> None:
        """A field to select one of the choices, or what the address states: the grade of an earlier policy."""
        given = self.search[name] or ""
        options = {"": "All"} | dict(choices) | ({} if given in choices or not given else {given: given})
        self._field(name, ui.select(options, label=label, value=""))

    def _field(
        self, name: str, element: ui.input | ui.select, classes: str = "", value: str | None = None
    ) -> None:
        element.value = self.search[name] or "" if value is None else value
        element.props("outlined dense stack-label hide-bottom-space options-dense debounce=300 maxlength=128")
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

    def draw_charted(self, clear: Callable[[], Awaitable[None]]) -> None:
        """Draw the exact period and PDs of a link from a chart, with a button that removes them."""
        times = [
            (word, Moment.of(at, self.context.zone))
            for word, at in zip(("from", "before"), exact_period(self.search), strict=True)
            if at is not None
        ]
        pds = [
            f"{word} {percent(pd, 0)}"
            for word, pd in zip(("from", "to below"), pd_range(self.search), strict=True)
            if pd is not None
        ]
        if not times and not pds:
            return
        with box("p", "period-note"):
            if times:
                text = Text("span", f"Decided {' '.join(f'{word} {at.local}' for word, at in times)}")
                text.props["title"] = ", ".join(f"{word} {at.utc}" for word, at in times)
            if pds:
                Text("span", f"PD {' '.join(pds)}")
            ui.button("Remove", on_click=clear).props(
                'flat no-caps dense aria-label="Remove period and PD"'
            ).classes("button-text screen-only")
