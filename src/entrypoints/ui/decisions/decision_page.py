"""One decision: what was decided, how sure, why, what drove it, and from what."""

from uuid import UUID

from nicegui import ui

from application.use_cases.decisions.read_decisions import DecisionNotFound
from domain.access.user import Permission
from entrypoints.ui.decisions.counterfactual_section import draw_counterfactual
from entrypoints.ui.decisions.decision_charts import draw_contributions, draw_pd_scale
from entrypoints.ui.decisions.decision_view import DecisionView, decision_view
from entrypoints.ui.decisions.grounds import Ground
from entrypoints.ui.decisions.reproduction_view import ReproductionView, reproduction_view
from entrypoints.ui.shared.error_messages import telling_faults
from entrypoints.ui.shared.page_context import Interface, PageContext, add_page
from entrypoints.ui.shared.theme import OUTCOME_ICONS
from entrypoints.ui.shared.widgets import Words, alert, anchor, box, card, definition, icon, page_head


def register(interface: Interface) -> None:
    """The page /decisions/{decision_id}."""
    add_page(interface, "/decisions/{decision_id}", "Decision", _build, here="/decisions")


async def _build(visit: PageContext) -> None:
    given = visit.request.path_params["decision_id"]
    try:
        decision_id = UUID(given)
    except ValueError as fault:
        raise DecisionNotFound(f"there is no decision {given}") from fault
    record = await visit.use_cases.read_decision(decision_id, by=visit.actor())
    _draw(decision_view(record, visit.use_cases.read_policy_in_force()), visit)


def _draw(view: DecisionView, visit: PageContext) -> None:
    actor = visit.actor()
    explained = actor.may(Permission.EXPLAIN_DECISIONS)

    async def reproduce() -> None:
        reproduction = await visit.use_cases.reproduce(UUID(view.decision_id), by=visit.actor())
        finding.clear()
        with finding:
            _compared(reproduction_view(reproduction))

    with page_head("Decision", view.record):
        _identifier(view.decision_id)
        printing = ui.button("Print", on_click=lambda: ui.run_javascript("window.print()"))
        printing.props("flat no-caps icon=print").classes("quiet")
        if actor.may(Permission.REPRODUCE_DECISIONS):
            again = ui.button("Reproduce", on_click=telling_faults(reproduce, where="/decisions"))
            again.props("flat no-caps icon=replay").classes("quiet")
        anchor("All decisions", "/decisions", "button-like screen-only")
    finding = box("div", "finding").props("aria-live=polite")
    _verdict(view)
    for warning in view.warnings:
        alert(warning, "careful")
    with box("div", "sheet"):
        with box("div", "sheet-part"):
            with card("Probability of default against the cut-offs", note="What the score alone calls for."):
                draw_pd_scale(view.scale)
            if explained:
                with card("What drove the score", note="In points: fewer points, more risk."):
                    draw_contributions(view.contributions)
            if explained and not view.approved:
                draw_counterfactual(UUID(view.decision_id), visit)
        with box("div", "sheet-part"):
            _grounds(view)
            with card(f"Confidence: {view.confidence.lower()}", "confidence"):
                Words("p", view.assurance)
            _provenance(view)
    _application(view)


def _compared(view: ReproductionView) -> None:
    alert(view.compared, "good" if view.identical else "bad", title=view.headline)
    for difference in view.differences:
        Words("p", difference, "note")


def _identifier(decision_id: str) -> None:
    with box("div", "identifier"):
        Words("code", decision_id)
        copy = ui.button(icon="content_copy", on_click=lambda: _copy(decision_id))
        copy.props('flat dense round size=sm aria-label="Copy the decision id"').classes("screen-only")


def _copy(decision_id: str) -> None:
    ui.clipboard.write(decision_id)
    ui.notify("Decision id copied", type="positive", position="top", timeout=1500)


def _verdict(view: DecisionView) -> None:
    with box("section", f"verdict verdict-{view.outcome}").props('aria-label="Outcome"'):
        with box("div", "verdict-outcome"):
            icon(OUTCOME_ICONS[view.outcome], "verdict-sign")
            with box("div"):
                Words("p", view.headline, "verdict-word")
                Words("p", view.request, "verdict-request")
                Words("p", view.meaning, "note")
                Words("p", f"Confidence: {view.confidence.lower()}", "sureness")
        with box("dl", "figures"):
            for figure in view.figures:
                with box("div", "figure"):
                    Words("dt", figure.label)
                    Words("dd", figure.value, "figure-value")
                    Words("dd", figure.note, "note")


def _grounds(view: DecisionView) -> None:
    with card("Reasons"):
        if view.reasons:
            _listed(view.reasons, "ol", "grounds numbered")
        else:
            Words("p", "Approved: there are no adverse action reasons to state.", "note")
    if view.failed_rules:
        with card("Policy rules not met"):
            _listed(view.failed_rules, "ul", "grounds")


def _listed(grounds: tuple[Ground, ...], tag: str, classes: str) -> None:
    with box(tag, classes):
        for ground in grounds:
            with box("li"):
                Words("span", ground.text)
                if ground.detail:
                    Words("span", ground.detail, "ground-detail")


def _provenance(view: DecisionView) -> None:
    with card("On record"), box("dl", "pairs"):
        for item in view.provenance:
            definition(item.label, item.value)


def _application(view: DecisionView) -> None:
    with card("The application"), box("div", "application-groups"):
        for title, items in view.application:
            with box("div"):
                Words("h3", title)
                with box("dl", "pairs"):
                    for item in items:
                        definition(item.label, item.value)
