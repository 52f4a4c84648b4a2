"""The overview: what the decisions of a period come to, in figures and drawings."""

from collections.abc import Awaitable, Callable

from nicegui import ui

from domain.access.user import Permission
from entrypoints.ui.access.sessions import LoggedOut, first_page
from entrypoints.ui.monitoring.charts import draw_as_table, draw_bars, draw_columns, draw_split, draw_table
from entrypoints.ui.monitoring.overview_period import CHOICES, PeriodChoice, address_of, choice_from
from entrypoints.ui.monitoring.overview_view import OverviewView, overview_view
from entrypoints.ui.shared.error_messages import fault_of, show_fault, telling_faults
from entrypoints.ui.shared.page_context import Interface, PageContext, add_page
from entrypoints.ui.shared.widgets import Words, anchor, box, card, icon, page_head

PATH = "/overview"
_SOON = 0.01


def register(interface: Interface) -> None:
    """The page /overview."""
    add_page(interface, PATH, "Overview", _build, here=PATH)


async def _build(visit: PageContext) -> None:
    visit.actor().must(Permission.READ_ALL_DECISIONS)
    choice = choice_from(visit.request.query_params, visit.use_cases.clock.now())
    with page_head("Overview", "What the decisions on record come to."):
        pass
    _draw_choices(choice)
    if choice.faults:
        return
    room = box("div", "results overview").props("aria-live=polite")

    async def show() -> None:
        room.clear()
        with room, box("div", "working"):
            ui.spinner(size="1.5em")
            Words("span", "Counting the decisions…")
        try:
            dated = await visit.use_cases.read_overview(choice.start, choice.end, by=visit.actor())
        except LoggedOut:
            raise
        except Exception as error:
            room.clear()
            with room:
                show_fault(fault_of(error, PATH), first_page(visit.actor()))
            return
        room.clear()
        with room:
            _draw(overview_view(dated, visit.use_cases.read_policy_in_force()), visit, again)

    again = telling_faults(show, where=PATH)
    ui.timer(
        _SOON, again, once=True
    )  # the page stands before the counting is done: a year of decisions takes a while


def _draw_choices(choice: PeriodChoice) -> None:
    with box("div", "periods card"):
        with box("nav", "period-names").props('aria-label="Period"'):
            for name, title in CHOICES.items():
                link = anchor(title, address_of(name=name), "period-name")
                if name == choice.name:
                    link.classes("period-here").props("aria-current=true")
        _draw_days(choice)


def _draw_days(choice: PeriodChoice) -> None:
    with box("form", "period-days").props("novalidate") as form:
        since = _day("From", "since", choice)
        until = _day("To", "until", choice)
        ui.button("Show").props("flat no-caps type=submit").classes("quiet")

    def go() -> None:
        ui.navigate.to(address_of(since=since.value or "", until=until.value or ""))

    form.on("submit.prevent", go)


def _day(label: str, name: str, choice: PeriodChoice) -> ui.input:
    value = choice.since if name == "since" else choice.until
    field = ui.input(label, value=value).props("type=date outlined dense stack-label hide-bottom-space")
    field.error = (choice.faults or {}).get(name)
    return field.mark(f"period-{name}")


def _draw(view: OverviewView, visit: PageContext, again: Callable[[], Awaitable[None]]) -> None:
    with box("div", "counted"):
        Words("p", view.period, "strong")
        Words("p", view.as_of, "note as-of")
        ui.button("Count again", on_click=again).props("flat no-caps dense icon=refresh").classes(
            "quiet screen-only"
        )
    if view.empty:
        _draw_nothing(visit)
        return
    with box("section", "card sums").props('aria-label="Sums"'), box("dl", "figures"):
        for figure in view.figures:
            with box("div", "figure"):
                Words("dt", figure.label)
                Words("dd", figure.value, "figure-value")
                Words("dd", figure.note, "note")
    with card("Outcomes"):
        draw_split(view.outcomes)
        _draw_course(view)
    with box("div", "pair-of-cards"):
        with box("div", "sheet-part"):
            with card("Probability of default", note=view.pd_note):
                draw_columns(view.pds, "plot-pds")
                draw_as_table(view.pd_table)
            with card("Confidence", note="High: the whole interval of the PD lies on one side of the cut-offs."):
                heads = ("Confidence", "Decisions", "Of all")
                draw_bars((*view.confidences, view.outside), "Decisions by confidence", heads)
        with card("Adverse action reasons", note="How often each was given; a decision has four at most."):
            if view.reasons:
                draw_bars(view.reasons, "Adverse action reasons", ("Reason", "Decisions", "Of all"))
            else:
                Words("p", "Every application was approved: there were no reasons to state.")
    with card("Models and policies", note="What each model decided under each policy."):
        draw_table(view.versions)


def _draw_course(view: OverviewView) -> None:
    with box("div", "course-head"):
        Words("h3", f"{view.step.capitalize()} by {view.step}")
        chosen = ui.toggle({"numbers": "Numbers", "shares": "Shares"}, value="numbers")
        chosen.props("no-caps unelevated dense toggle-color=primary").classes("screen-only course-toggle")
    for name, drawing in (("numbers", view.course), ("shares", view.course_shares)):
        draw_columns(drawing).bind_visibility_from(chosen, "value", value=name)
    draw_as_table(view.course_table)


def _draw_nothing(visit: PageContext) -> None:
    with box("div", "card nothing"):
        icon("query_stats", "nothing-sign")
        Words("h2", "No decisions in this period")
        Words("p", "Choose a longer period or other days, or see when the last decisions were made.")
        with box("div", "nothing-ways"):
            anchor("Last 90 days", address_of(name="90d"), "button-like")
            anchor("All decisions", "/decisions", "button-like")
            if visit.actor().may(Permission.ASSESS_APPLICATIONS):
                anchor("Enter an application", "/", "button-like")
