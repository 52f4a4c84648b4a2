"""The page of override figures: how people's decisions differ from the system's."""

from collections.abc import Mapping

from application.ports.cases.override_records import OverrideFilter
from domain.access.user import Permission
from domain.cases.override import OverrideType
from entrypoints.ui.monitoring.charts import draw_bars, draw_table
from entrypoints.ui.monitoring.overrides_view import MEANINGS, Links, OverridesView, overrides_view
from entrypoints.ui.monitoring.overview_period import CHOICES, PeriodChoice, choice_from
from entrypoints.ui.shared import labels
from entrypoints.ui.shared.page_context import Interface, PageContext, add_page
from entrypoints.ui.shared.widgets import Text, anchor, box, card, icon, page_header

PATH = "/overrides"
_CRITERIA = {
    "officer": "Officer",
    "reason": "Reason",
    "override": "Type",
    "grade": "Grade",
    "purpose": "Purpose",
    "source": "Source",
}
_LONGEST = 128


def register(interface: Interface) -> None:
    """Register the page /overrides."""
    add_page(interface, PATH, "Overrides", _build, current=PATH)


async def _build(context: PageContext) -> None:
    context.actor().require(Permission.READ_OVERRIDES)
    query = context.request.query_params
    choice = choice_from(query, context.use_cases.clock.now())
    given = {name: query[name][:_LONGEST] for name in _CRITERIA if name in query}
    with page_header("Overrides", "What people decided, compared with the system. Days are in UTC."):
        pass
    terms = context.use_cases.read_policy_in_force().review_terms
    reasons = {reason.code: reason.text for reason in terms.reasons}
    _draw_period(choice, given, reasons)
    if choice.errors:
        Text("p", "; ".join(choice.errors.values()), "note")
        return
    found = await context.use_cases.read_overrides(
        choice.start, choice.end, by=context.actor(), wanted=_filter(given)
    )
    links = Links(_period(choice) | given, PATH)
    with box("div", "results overview"):
        _draw(overrides_view(found, links, reasons, context.zone))


def _filter(given: Mapping[str, str]) -> OverrideFilter:
    """The criteria of the address; a type that does not exist is left out."""
    known = {each.value: each for each in OverrideType}
    texts = {name: value for name, value in given.items() if name != "override"}
    return OverrideFilter(override=known.get(given.get("override", "")), **texts)


def _period(choice: PeriodChoice) -> dict[str, str]:
    parts = {"period": choice.name, "since": choice.since, "until": choice.until}
    return {name: value for name, value in parts.items() if value}


def _draw_period(choice: PeriodChoice, given: Mapping[str, str], reasons: Mapping[str, str]) -> None:
    with box("div", "period-bar card"):
        with box("nav", "period-names").props('aria-label="Period"'):
            for name, title in CHOICES.items():
                link = anchor(title, Links(given, PATH).to("period", name), "period-name")
                if name == choice.name:
                    link.classes("period-current").props("aria-current=true")
        for name, value in given.items():
            rest = {other: text for other, text in (_period(choice) | dict(given)).items() if other != name}
            shown = labels.OVERRIDE_TYPES.get(_filter({name: value}).override or OverrideType.AGREED, value)
            named = reasons.get(value, value) if name == "reason" else value
            text = shown if name == "override" else named or "Not stated"
            with box("p", "period-note"):
                Text("span", f"{_CRITERIA[name]}: {text}")
                last, *others = [*rest.items()] or [("period", choice.name)]
                anchor("Remove", Links(dict(others), PATH).to(*last), "button-text screen-only")


def _draw(view: OverridesView) -> None:
    with box("div", "overview-status"):
        Text("p", f"As of {view.as_of.utc}", "note as-of").props["title"] = view.as_of.local
    if view.empty:
        with box("div", "card empty-state"):
            icon("gavel", "empty-icon")
            Text("h2", "No decisions of people in this period")
            Text("p", "Choose another period or fewer filters, or open the cases.")
            anchor("Cases", "/cases", "button-secondary")
        return
    with box("section", "card totals override-totals").props('aria-label="Totals"'), box("dl", "figures"):
        for figure in view.figures:
            with box("div", "figure"):
                Text("dt", figure.label)
                Text("dd", figure.value, "figure-value")
                Text("dd", figure.note, "note")
    with card("Compared with the system", note=MEANINGS):
        draw_bars(view.types, "Final decisions by type", ("Type", "Decisions", "Share"))
    for title, table in view.tables:
        with card(title):
            draw_table(table)
    with card("Final decisions", note=view.newest_note):
        draw_table(view.newest, "text-cells")
