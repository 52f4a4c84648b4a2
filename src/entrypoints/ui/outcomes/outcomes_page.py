"""The page of outcomes: expected against observed default by month of booking, and imports of outcomes."""

from collections.abc import Mapping
from urllib.parse import urlencode

from nicegui import app, ui
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response

from application.ports.outcomes.vintages import VintageFilter, VintageNames
from application.use_cases.outcomes.read_vintages import USUAL_MONTHS, VintageReport
from domain.access.user import Permission
from entrypoints.ui.access.sessions import LoggedOut, log_in_address
from entrypoints.ui.monitoring.charts import draw_table
from entrypoints.ui.outcomes.imports_section import draw_imports
from entrypoints.ui.outcomes.vintage_chart import draw_vintages
from entrypoints.ui.outcomes.vintages_csv import vintages_csv
from entrypoints.ui.outcomes.vintages_view import VintagesView, vintages_view
from entrypoints.ui.shared.error_messages import error_message_for
from entrypoints.ui.shared.page_context import Interface, PageContext, add_page
from entrypoints.ui.shared.widgets import Text, anchor, box, card, icon, page_header, synthetic_mark

PATH = "/outcomes"
MONTHS = {"12": "12 months", str(USUAL_MONTHS): "3 years", "120": "10 years"}
_CRITERIA = ("source", "product", "grade")
_LONGEST = 128


def register(interface: Interface) -> None:
    """Register the page /outcomes and the download of its figures."""
    add_page(interface, PATH, "Outcomes", _build, current=PATH)

    @app.get(PATH + "/vintages.csv", include_in_schema=False)
    async def download(request: Request) -> Response:
        context = PageContext(interface, request)
        try:
            report = await _report(context)
        except LoggedOut:
            return RedirectResponse(log_in_address(request), status_code=303)
        except Exception as error:
            message = error_message_for(error, where=PATH)
            return PlainTextResponse(f"{message.title}. {message.details}", status_code=message.status)
        headers = {"Content-Disposition": 'attachment; filename="vintages.csv"'}
        return Response(vintages_csv(report), media_type="text/csv", headers=headers)


async def _build(context: PageContext) -> None:
    actor = context.actor()
    actor.require(Permission.READ_PERFORMANCE)
    report = await _report(context)
    with page_header("Outcomes", "What became of the loans. Months are in UTC."):
        pass
    _draw_choices(context.request.query_params, report)
    with box("div", "outcomes-page"):
        with box("div", "results overview"):
            _draw(vintages_view(report, context.zone), report)
        if actor.may(Permission.RECORD_LOAN_OUTCOMES):
            await draw_imports(context)


async def _report(context: PageContext) -> VintageReport:
    given = _criteria(context.request.query_params)
    wanted = VintageFilter(**{name: value for name, value in given.items() if name != "months"})
    months = int(given.get("months", USUAL_MONTHS))
    return await context.use_cases.outcomes.read_vintages(wanted, by=context.actor(), months=months)


def _criteria(query: Mapping[str, str]) -> dict[str, str]:
    """The criteria in an address; other numbers of months than those of MONTHS are left out."""
    given = {name: query[name][:_LONGEST] for name in _CRITERIA if query.get(name)}
    return given | ({"months": query["months"]} if query.get("months") in MONTHS else {})


def _address(criteria: Mapping[str, str], path: str = PATH) -> str:
    given = {name: value for name, value in criteria.items() if value and (name, value) != ("months", "36")}
    return f"{path}?{urlencode(given)}" if given else path


def _draw_choices(query: Mapping[str, str], report: VintageReport) -> None:
    given = _criteria(query)
    months = given.get("months", str(USUAL_MONTHS))
    with box("div", "period-bar card"):
        with box("nav", "period-names").props('aria-label="Period"'):
            for value, title in MONTHS.items():
                link = anchor(title, _address(given | {"months": value}), "period-name")
                if value == months:
                    link.classes("period-current").props("aria-current=true")
        _draw_filters(given, report.names)


def _draw_filters(given: Mapping[str, str], names: VintageNames) -> None:
    choices = {"source": names.sources, "product": names.products, "grade": names.grades}
    with box("form", "outcome-filters").props('role=search aria-label="Filters" novalidate') as form:
        form.on("submit.prevent", lambda: None)
        for name, values in choices.items():
            current = given.get(name, "")
            if not values and not current:
                continue
            options = {"": "All"} | {each: each for each in (*values, current) if each}
            field = ui.select(options, label=name.capitalize(), value=current)
            field.props("outlined dense stack-label hide-bottom-space options-dense").mark(f"outcomes-{name}")

            def changed(value: str, name: str = name) -> None:
                ui.navigate.to(_address({**given, name: value}))

            field.on_value_change(lambda event, changed=changed: changed(event.value))


def _draw(view: VintagesView, report: VintageReport) -> None:
    with box("div", "overview-status"):
        if view.synthetic:
            synthetic_mark()
            Text("p", "These loans were made up by the demonstration.", "note")
        Text("p", f"As of {view.as_of.utc}", "note as-of").props["title"] = view.as_of.local
    if view.empty:
        with box("div", "card empty-state"):
            icon("query_stats", "empty-icon")
            Text("h2", "No loans in these months")
            Text(
                "p",
                "Loans appear here when their outcomes are recorded: on the page of an application, through "
                "the API, or by an import.",
            )
        return
    with box("section", "card totals outcome-totals").props('aria-label="Totals"'), box("dl", "figures"):
        for figure in view.figures:
            with box("div", "figure"):
                Text("dt", figure.label)
                Text("dd", figure.value, "figure-value")
                Text("dd", figure.note, "note")
    with card("Expected and observed default", note="By the month in which the loans were booked"):
        Text("p", view.verdict, "verdict")
        draw_vintages(view.chart)
    with card(
        "Months",
        note="Rates of mature months are those of their loans with a known label. "
        "The command scoring outcomes export writes these loans for training.",
    ):
        draw_table(view.table)
        with box("div", "batch-actions table-actions screen-only"):
            criteria = {name: getattr(report.wanted, name) or "" for name in _CRITERIA}
            address = _address({**criteria, "months": str(report.months)}, f"{PATH}/vintages.csv")
            anchor("Download the figures (CSV)", address, "button-secondary").props("download")
