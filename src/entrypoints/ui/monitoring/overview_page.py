"""The overview page: figures and charts of the decisions in a period."""

from collections.abc import Awaitable, Callable, Mapping

from nicegui import ui

from domain.access.user import Permission
from domain.monitoring.overview_filter import OverviewFilter
from entrypoints.ui.access.sessions import LoggedOut, first_page
from entrypoints.ui.monitoring.charts import (
    draw_bars,
    draw_before_legend,
    draw_columns,
    draw_data_table,
    draw_outcome_split,
    draw_table,
)
from entrypoints.ui.monitoring.overview_filters import draw_filters, filter_from, filters_of
from entrypoints.ui.monitoring.overview_period import CHOICES, PeriodChoice, address_of, choice_from
from entrypoints.ui.monitoring.overview_view import OverviewView, overview_view
from entrypoints.ui.shared.error_messages import error_message_for, reporting_errors, show_error_page
from entrypoints.ui.shared.page_context import Interface, PageContext, add_page
from entrypoints.ui.shared.widgets import Text, anchor, box, card, icon, page_header

PATH = "/overview"
_START_SECONDS = 0.01
"""The figures are loaded after the page is shown, because a year of decisions takes a while to count."""


def register(interface: Interface) -> None:
    """Register the page /overview."""
    add_page(interface, PATH, "Overview", _build, current=PATH)


async def _build(context: PageContext) -> None:
    context.actor().require(Permission.READ_ALL_DECISIONS)
    query = context.request.query_params
    choice, wanted = choice_from(query, context.use_cases.clock.now()), filter_from(query)
    with page_header("Overview", "Decision summary. Days and hours are in UTC."):
        pass
    await _draw_choices(context, choice, wanted)
    if choice.errors:
        return
    results = box("div", "results overview").props("aria-live=polite")

    async def show() -> None:
        results.clear()
        with results, box("div", "loading"):
            ui.spinner(size="1.5em")
            Text("span", "Calculating…")
        try:
            dated = await context.use_cases.read_overview(
                choice.start, choice.end, by=context.actor(), wanted=wanted, compare=True
            )
            policies = await context.use_cases.find_deciding_policies(dated.overview)
        except LoggedOut:
            raise
        except Exception as error:
            results.clear()
            with results:
                show_error_page(error_message_for(error, PATH), first_page(context.actor()))
            return
        results.clear()
        with results:
            product = context.use_cases.read_product_in_force()
            _draw(overview_view(dated, policies, product, wanted, context.zone), context, refresh)

    refresh = reporting_errors(show, where=PATH)
    ui.timer(_START_SECONDS, refresh, once=True)


async def _draw_choices(context: PageContext, choice: PeriodChoice, wanted: OverviewFilter) -> None:
    names = await context.use_cases.read_overview.names(by=context.actor())
    filters = filters_of(wanted)
    with box("div", "period-bar card"):
        with box("nav", "period-names").props('aria-label="Period"'):
            for name, title in CHOICES.items():
                link = anchor(title, address_of(name=name, **filters), "period-name")
                if name == choice.name:
                    link.classes("period-current").props("aria-current=true")
        _draw_dates(choice, filters)
        draw_filters(
            wanted,
            names,
            context.use_cases.read_policy_in_force(),
            lambda changed: ui.navigate.to(
                address_of(name=choice.name, since=choice.since, until=choice.until, **changed)
            ),
        )


def _draw_dates(choice: PeriodChoice, filters: Mapping[str, str]) -> None:
    with box("form", "date-range").props("novalidate") as form:
        since = _date_field("From date", "since", choice)
        until = _date_field("To date", "until", choice)
        ui.button("Apply").props("flat no-caps type=submit").classes("button-text")

    def apply() -> None:
        ui.navigate.to(address_of(since=since.value or "", until=until.value or "", **filters))

    form.on("submit.prevent", apply)


def _date_field(label: str, name: str, choice: PeriodChoice) -> ui.input:
    value = choice.since if name == "since" else choice.until
    field = ui.input(label, value=value).props("type=date outlined dense stack-label hide-bottom-space")
    field.error = (choice.errors or {}).get(name)
    return field.mark(f"period-{name}")


def _draw(view: OverviewView, context: PageContext, refresh: Callable[[], Awaitable[None]]) -> None:
    with box("div", "overview-status"):
        Text("p", view.period, "strong")
        if view.compared:
            Text("p", view.compared, "note")
        Text("p", f"As of {view.as_of.utc}", "note as-of").props["title"] = view.as_of.local
        ui.button("Refresh", on_click=refresh).props("flat no-caps dense icon=refresh").classes(
            "button-text screen-only"
        )
    if view.empty:
        _draw_empty(context)
        return
    with box("section", "card totals").props('aria-label="Totals"'), box("dl", "figures"):
        for figure in view.figures:
            with box("div", "figure"):
                Text("dt", figure.label)
                Text("dd", figure.value, "figure-value")
                Text("dd", figure.note, "note")
                if figure.before:
                    Text("dd", figure.before, "note figure-before")
    with card("Outcomes"):
        draw_outcome_split(view.outcomes)
        _draw_trend(view)
    if view.final_outcomes:
        with card("Final outcomes", "final-split", note=view.final_note):
            draw_outcome_split(view.final_outcomes)
    with box("div", "card-columns"):
        with box("div", "layout-column"):
            with card("Probability of default", note=view.pd_note):
                draw_columns(view.pd_chart, "plot-pd")
                if view.has_before:
                    draw_before_legend()
                draw_data_table(view.pd_table)
            with card(
                "Confidence",
                note="High: the outcome would stay the same under refitted models with at least 95 % probability.",
            ):
                heads = ("Confidence", "Decisions", "Share")
                draw_bars((*view.confidences, view.outside), "Decisions by confidence", heads)
        with card("Adverse action reasons", note="Up to four per decision"):
            if view.reasons:
                draw_bars(view.reasons, "Adverse action reasons", ("Reason", "Decisions", "Share"))
            else:
                Text("p", "None. All applications were approved.")
    with card("Models and policies", note="Outcomes by model and policy version"):
        draw_table(view.versions)


def _draw_trend(view: OverviewView) -> None:
    with box("div", "trend-header"):
        Text("h3", f"By {view.step}")
        toggle = ui.toggle({"numbers": "Count", "shares": "Share"}, value="numbers")
        toggle.props("no-caps unelevated dense toggle-color=primary").classes("screen-only trend-toggle")
    for name, chart in (("numbers", view.trend), ("shares", view.trend_shares)):
        draw_columns(chart).bind_visibility_from(toggle, "value", value=name)
    if view.has_before:
        draw_before_legend().bind_visibility_from(toggle, "value", value="numbers")
    draw_data_table(view.trend_table)


def _draw_empty(context: PageContext) -> None:
    with box("div", "card empty-state"):
        icon("query_stats", "empty-icon")
        Text("h2", "No decisions in this period")
        Text("p", "Choose another period or fewer filters, or open the list of decisions.")
        with box("div", "empty-actions"):
            anchor("Last 90 days", address_of(name="90d"), "button-secondary")
            anchor("All decisions", "/decisions", "button-secondary")
            if context.actor().may(Permission.ASSESS_APPLICATIONS):
                anchor("New application", "/", "button-secondary")
