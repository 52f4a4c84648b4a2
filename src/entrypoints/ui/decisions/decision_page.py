"""The decision page: outcome, reasons and next action first, then what drove the decision, and its record."""

from collections.abc import Callable
from dataclasses import replace
from uuid import UUID

from nicegui import ui

from application.ports.notices.notices import NoticeFilter
from application.use_cases.applications.read_applications import PresentApplication
from application.use_cases.decisions.read_decisions import DecisionNotFound, DecisionUnreadable
from domain.access.user import Permission
from domain.cases.resolution_errors import OwnViewRequired
from entrypoints.ui.applications.application_card import draw_application_card, read_application_of
from entrypoints.ui.applications.application_values import Item
from entrypoints.ui.cases.cases_of_decision import draw_cases_of, read_cases_of
from entrypoints.ui.decisions.counterfactual_section import draw_counterfactual
from entrypoints.ui.decisions.decision_charts import draw_contributions, draw_pd_scale
from entrypoints.ui.decisions.decision_identifier import draw_identifier
from entrypoints.ui.decisions.decision_reasons import ReasonItem
from entrypoints.ui.decisions.decision_unavailable import draw_unreadable, draw_withheld
from entrypoints.ui.decisions.decision_view import DecisionView, decision_view
from entrypoints.ui.decisions.final_decision_view import draw_final_decision, final_decision_view
from entrypoints.ui.decisions.next_action import action_after
from entrypoints.ui.decisions.related_section import Related, draw_related, related_to
from entrypoints.ui.decisions.remembered_list import return_to_list
from entrypoints.ui.decisions.reproduction_view import ReproductionView, reproduction_view
from entrypoints.ui.decisions.what_if_section import draw_what_if
from entrypoints.ui.notices.notice_card import draw_notice_lines, read_notice_lines
from entrypoints.ui.shared.error_messages import reporting_errors
from entrypoints.ui.shared.page_context import Interface, PageContext, add_page
from entrypoints.ui.shared.theme import OUTCOME_ICONS
from entrypoints.ui.shared.widgets import (
    Text,
    alert,
    anchor,
    box,
    card,
    definition,
    icon,
    page_header,
)


def register(interface: Interface) -> None:
    """Register the page /decisions/{decision_id}."""
    add_page(interface, "/decisions/{decision_id}", "Decision", _build, current="/decisions")


async def _build(context: PageContext) -> None:
    return_to_list()
    identifier = context.request.path_params["decision_id"]
    try:
        decision_id = UUID(identifier)
    except ValueError as error:
        raise DecisionNotFound(f"there is no decision {identifier}") from error
    try:
        record = await context.use_cases.read_decision(decision_id, by=context.actor())
        product = await context.use_cases.read_product_of(record)
    except DecisionUnreadable as error:
        draw_unreadable(error.decision)
        return
    except OwnViewRequired as error:
        draw_withheld(decision_id, error)
        return
    policy = await context.use_cases.find_deciding_policy(record)
    application = await read_application_of(record, context)
    related = await related_to(record, context)
    view = decision_view(record, policy, product, context.zone)
    decided = await context.use_cases.read_final_decision(record, by=context.actor())
    final = None if decided is None else final_decision_view(decided, context.actor(), context.zone)
    if final is not None:
        view = replace(view, next_action=final.next_action, meaning=final.meaning)
    if application is not None:
        after = action_after(application, record, view.next_action, context.actor())
        view = replace(view, next_action=after)

    cases = await read_cases_of(record, context)
    notices = await read_notice_lines(NoticeFilter(decision_id=decision_id), context)

    def draw_people() -> None:
        if final is not None:
            draw_final_decision(final)
        draw_notice_lines(notices)
        draw_cases_of(decision_id, cases, application, context)

    _draw(view, application, related, context, draw_people)
    draw_what_if(record, product, context)


def _draw(
    view: DecisionView,
    application: PresentApplication | None,
    related: Related,
    context: PageContext,
    draw_people: Callable[[], None],
) -> None:
    actor = context.actor()
    may_explain = actor.may(Permission.EXPLAIN_DECISIONS)

    async def reproduce() -> None:
        reproduction = await context.use_cases.reproduce(UUID(view.decision_id), by=context.actor())
        result.clear()
        with result:
            _draw_reproduction(reproduction_view(reproduction))

    with page_header("Decision", view.record):
        draw_identifier(view.decision_id, synthetic=view.synthetic)
        if actor.may(Permission.ASSESS_APPLICATIONS):
            _links_to_form(view, application)
        print_button = ui.button("Print", on_click=lambda: ui.run_javascript("window.print()"))
        print_button.props("flat no-caps icon=print").classes("button-text")
        if actor.may(Permission.REPRODUCE_DECISIONS):
            reproduce_button = ui.button("Reproduce", on_click=reporting_errors(reproduce, where="/decisions"))
            reproduce_button.props("flat no-caps icon=replay").classes("button-text")
        if actor.may(Permission.EXPORT_EVIDENCE):
            link = anchor("Export evidence", f"/decisions/{view.decision_id}/evidence.zip", "button-secondary")
            link.classes("screen-only").props("download").mark("export-evidence")
        anchor("Back to decisions", "/decisions", "button-secondary screen-only back-to-list")
    result = box("div", "result").props("aria-live=polite")
    _outcome_panel(view)
    with box("div", "decision-layout"):
        with box("div", "layout-column"):
            _reasons(view)
            if view.warnings:
                with alert("", "warning"):
                    for warning in view.warnings:
                        Text("p", warning)
        with box("div", "layout-column side-column"):
            draw_people()
            _next_action(view)
            if may_explain and not view.approved:
                draw_counterfactual(UUID(view.decision_id), context)
            if application is not None:
                draw_application_card(application, context.zone)
            _failed_rules(view)
            draw_related(related, context)
            _items_card("Record", view.provenance)
            if view.metadata:
                _items_card("Metadata", view.metadata, "screen-only")
        with box("div", "layout-column"):
            with card("Probability of default and cut-offs", note="Outcome by score alone"):
                draw_pd_scale(view.scale)
            with card(f"Confidence: {view.confidence.lower()}", "confidence"):
                Text("p", view.confidence_text)
            if may_explain:
                with card("Score contributions", note="Fewer points mean higher risk."):
                    draw_contributions(view.contributions)
    _application(view)


def _draw_reproduction(view: ReproductionView) -> None:
    alert(view.comparison, "success" if view.identical else "error", title=view.headline)
    for difference in view.differences:
        Text("p", difference, "note")


def _links_to_form(view: DecisionView, application: PresentApplication | None) -> None:
    """Draw the links to the form with the values of this decision."""
    copy = anchor("Copy to new application", f"/?copy_of={view.decision_id}", "button-secondary")
    copy.classes("screen-only")
    if application is not None and _can_be_superseded(view, application):
        again = anchor("Decide again", f"/?supersedes={view.decision_id}", "button-secondary")
        again.classes("screen-only").mark("decide-again")


def _can_be_superseded(view: DecisionView, application: PresentApplication) -> bool:
    """Whether this is the newest decision, on an application that is neither accepted nor withdrawn."""
    newest = str(application.stored.decision_ids[-1])
    return view.decision_id == newest and application.life.ended_by is None


def _outcome_panel(view: DecisionView) -> None:
    with box("section", f"outcome-panel outcome-{view.outcome}").props('aria-label="Outcome"'):
        with box("div", "outcome-summary"):
            icon(OUTCOME_ICONS[view.outcome], "outcome-icon")
            with box("div"):
                Text("p", view.outcome_label, "outcome-title")
                Text("p", view.request, "outcome-request")
                Text("p", view.meaning, "note")
                Text("p", f"Confidence: {view.confidence.lower()}", "confidence-badge")
        with box("dl", "figures"):
            for figure in view.figures:
                with box("div", "figure"):
                    Text("dt", figure.label)
                    Text("dd", figure.value, "figure-value")
                    Text("dd", figure.note, "note")


def _reasons(view: DecisionView) -> None:
    with card("Reasons"):
        of_rules = view.rule_reasons
        if view.reasons and of_rules is None:
            _draw_items(view.reasons, "ol", "reason-list numbered")
        elif view.reasons:
            _draw_reasons("From policy rules", view.reasons[:of_rules])
            _draw_reasons("From the score", view.reasons[of_rules:])
        else:
            Text("p", "None. Approved applications need no adverse action reasons.", "note")


def _failed_rules(view: DecisionView) -> None:
    if view.failed_rules:
        with card("Failed policy rules"):
            _draw_items(view.failed_rules, "ul", "reason-list")


def _draw_reasons(title: str, reasons: tuple[ReasonItem, ...]) -> None:
    if reasons:
        Text("h3", title, "reason-source")
        _draw_items(reasons, "ol", "reason-list numbered")


def _next_action(view: DecisionView) -> None:
    with card("Next action", "next-action"):
        Text("p", view.next_action.step, "strong")
        for detail in view.next_action.details:
            Text("p", detail)


def _draw_items(items: tuple[ReasonItem, ...], tag: str, classes: str) -> None:
    with box(tag, classes):
        for item in items:
            with box("li"):
                Text("span", item.text)
                if item.detail:
                    Text("span", item.detail, "item-detail")


def _items_card(title: str, items: tuple[Item, ...], classes: str = "") -> None:
    with card(title, classes), box("dl", "definitions"):
        for item in items:
            definition(item.label, item.value)


def _application(view: DecisionView) -> None:
    with card("Application"), box("div", "application-groups"):
        for title, items in view.application:
            with box("div"):
                Text("h3", title)
                with box("dl", "definitions"):
                    for item in items:
                        definition(item.label, item.value)
