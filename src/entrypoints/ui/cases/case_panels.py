"""Draws what is known about a case: decision, other applications, proposal, final decision and timeline."""

from collections.abc import Callable, Iterable

from entrypoints.ui.applications.application_values import Item
from entrypoints.ui.cases.case_content import WithheldDecision
from entrypoints.ui.cases.comparison import Comparison
from entrypoints.ui.cases.resolution_view import ConditionItem, ResolutionView
from entrypoints.ui.cases.timeline import TimelineEntry
from entrypoints.ui.decisions.decision_reasons import ReasonItem
from entrypoints.ui.decisions.decision_view import DecisionView
from entrypoints.ui.shared.theme import OUTCOME_ICONS
from entrypoints.ui.shared.widgets import Text, anchor, box, card, chip, definition, icon


def draw_system_decision(view: DecisionView) -> None:
    """Draw the system's decision with its reasons; the decision page has the rest."""
    with card("System's decision", f"system-decision system-{view.outcome}", note=view.record):
        with box("div", "button-row system-outcome"):
            chip(view.outcome_label, view.outcome, OUTCOME_ICONS[view.outcome])
            Text("span", f"Confidence: {view.confidence.lower()}", "note")
        with box("dl", "system-figures"):
            for figure in view.figures:
                with box("div", "figure"):
                    Text("dt", figure.label)
                    Text("dd", figure.value, "figure-value")
                    Text("dd", figure.note, "note")
        with box("div", "case-reasons"):
            with box("div"):
                Text("h3", "Reasons")
                _items(view.reasons, "ol", "reason-list numbered")
            with box("div"):
                Text("h3", "Failed policy rules")
                _items(view.failed_rules, "ul", "reason-list")
        for warning in view.warnings:
            Text("p", warning, "note")


def _items(items: Iterable[ReasonItem], tag: str, classes: str) -> None:
    drawn = list(items)
    if not drawn:
        Text("p", "None.", "note")
        return
    with box(tag, classes):
        for item in drawn:
            with box("li"):
                Text("span", item.text)
                if item.detail:
                    Text("span", item.detail, "item-detail")


def draw_withheld_decision(decision: WithheldDecision) -> None:
    """Draw what replaces the decision until the viewer has entered a view."""
    with card("System's decision", "system-decision"):
        with box("p", "loading"):
            icon("visibility_off")
            Text("span", "Score and recommendation are withheld until you have entered your own view.")
        if decision.rules:
            Text("h3", "Policy rules that referred it", "case-subtitle")
            with box("ul", "reason-list"):
                for rule in decision.rules:
                    Text("li", rule)


def draw_comparison(comparison: Comparison) -> None:
    """Draw the applicant's applications side by side."""
    note = "Same applicant reference and product. Values that differ from this application are marked."
    with card("Other applications of the applicant", note=note):
        scrolls = box("div", "table-scroll").props('tabindex=0 role=region aria-label="Applications side by side"')
        with scrolls, box("table", "comparison"):
            with box("thead"), box("tr"):
                box("td")
                for application in comparison.applications:
                    with box("th").props("scope=col"):
                        if application.href:
                            anchor(application.title, application.href)
                        else:
                            Text("span", application.title)
                        Text("span", application.subtitle, "secondary-text")
            with box("tbody"):
                for label, values in comparison.rows:
                    with box("tr"):
                        Text("th", label).props("scope=row")
                        for value in values:
                            Text("td", value.text, "differs" if value.differs else "")
        if comparison.unreadable:
            Text("p", f"{comparison.unreadable} more cannot be read.", "note")


def draw_application(groups: Iterable[tuple[str, tuple[Item, ...]]]) -> None:
    """Draw the application's values in their groups."""
    with card("Application"), box("div", "application-groups"):
        for title, items in groups:
            with box("div"):
                Text("h3", title)
                with box("dl", "definitions"):
                    for item in items:
                        definition(item.label, item.value)


def draw_items(title: str, items: Iterable[Item], note: str = "") -> None:
    """Draw a card of labels and values."""
    with card(title, note=note), box("dl", "definitions"):
        for item in items:
            definition(item.label, item.value)


def draw_resolution(view: ResolutionView, draw_change: Callable[[ConditionItem], None] | None = None) -> None:
    """Draw a proposal or a final decision; `draw_change` draws how an open condition is changed."""
    with card(view.title, f"resolution {view.style}", note=view.by):
        Text("p", view.outcome, "resolution-outcome")
        if view.loan:
            Text("p", view.loan, "strong")
        Text("p", view.reason)
        Text("p", view.text, "resolution-text")
        with box("dl", "resolution-facts"):
            for fact in view.facts:
                definition(fact.label, fact.value)
        _documents(view.documents)
        _conditions(view.conditions, draw_change)
        if view.case_id:
            anchor("Open its case", f"/cases/{view.case_id}", "button-secondary screen-only")


def _documents(documents: Iterable[Item]) -> None:
    listed = list(documents)
    if not listed:
        return
    Text("h3", "Documents", "case-subtitle")
    with box("ul", "document-list"):
        for document in listed:
            with box("li"):
                Text("span", document.label)
                Text("code", document.value)


def _conditions(conditions: Iterable[ConditionItem], draw_change: Callable[[ConditionItem], None] | None) -> None:
    listed = list(conditions)
    if not listed:
        return
    Text("h3", "Conditions", "case-subtitle")
    with box("ul", "condition-list"):
        for condition in listed:
            with box("li", "condition"):
                with box("div", "condition-head"):
                    Text("span", condition.text)
                    chip(condition.state, condition.style, condition.icon_name)
                if condition.reason:
                    Text("span", condition.reason, "item-detail")
                if condition.is_open and draw_change is not None:
                    draw_change(condition)


def draw_timeline(entries: Iterable[TimelineEntry]) -> None:
    """Draw what was done, the last action first."""
    with card("Timeline"), box("ol", "timeline"):
        for entry in entries:
            with box("li"):
                icon(entry.icon_name)
                with box("div", "timeline-head"):
                    Text("span", entry.title, "strong")
                    at = Text("span", entry.at.local, "note")
                    at.props["title"] = entry.at.utc
                if entry.text:
                    Text("p", entry.text, "timeline-text")
                for detail in entry.details:
                    Text("p", detail, "timeline-detail")
