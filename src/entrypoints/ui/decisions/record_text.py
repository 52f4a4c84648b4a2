"""A recorded decision in words, as exports of evidence have it."""

from application.ports.audit.evidence_package import RecordText, TextSection
from domain.decisions.decision_record import DecisionRecord
from domain.policies.scoring_policy import ScoringPolicy
from domain.products.product_definition import ProductDefinition
from entrypoints.ui.applications.application_values import Item
from entrypoints.ui.decisions.decision_reasons import ReasonItem
from entrypoints.ui.decisions.decision_view import DecisionView, decision_view

_SYNTHETIC = "Synthetic: the demonstration made this application up."


def record_text(record: DecisionRecord, policy: ScoringPolicy | None, product: ProductDefinition) -> RecordText:
    """The texts of the decision's page, in sections."""
    view = decision_view(record, policy, product)
    application = tuple(TextSection(f"Application: {title}", _values(items)) for title, items in view.application)
    figures = tuple((figure.label, f"{figure.value} ({figure.note})") for figure in view.figures)
    contributions = tuple(
        (bar.label, f"{bar.text} points ({bar.value})") for bar in view.contributions.bars if bar.points
    )
    return RecordText(
        decision_id=view.decision_id,
        outcome=view.outcome_label,
        summary=(
            *([_SYNTHETIC] if view.synthetic else []),
            view.meaning,
            f"Requested: {view.request}.",
            *view.warnings,
        ),
        sections=(
            TextSection("Record", _values(view.provenance)),
            TextSection("Result", (*figures, ("Confidence", f"{view.confidence}. {view.confidence_text}"))),
            *_reasons(view),
            TextSection("Failed policy rules", _sentences(view.failed_rules)),
            *application,
            TextSection("Score contributions", contributions),
        ),
    )


def _reasons(view: DecisionView) -> tuple[TextSection, ...]:
    """The reasons, those of rules before those of the score, where the record distinguishes them."""
    count = view.rule_reasons
    if count is None:
        return (TextSection("Reasons", _sentences(view.reasons)),)
    return (
        TextSection("Reasons from policy rules", _sentences(view.reasons[:count])),
        TextSection("Reasons from the score", _sentences(view.reasons[count:])),
    )


def _values(items: tuple[Item, ...]) -> tuple[tuple[str, str], ...]:
    return tuple((item.label, item.value) for item in items)


def _sentences(items: tuple[ReasonItem, ...]) -> tuple[tuple[str, str], ...]:
    return tuple(("", f"{item.text}. {item.detail}".rstrip(". ") + ".") for item in items)
