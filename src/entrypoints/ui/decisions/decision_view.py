"""A recorded decision as text and figures for its page."""

from collections.abc import Iterator
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from domain.applications.application_identity import ApplicationIdentity
from domain.applications.money import ZERO
from domain.applications.synthetic import is_synthetic
from domain.decisions.decision_record import DecisionRecord
from domain.policies.outcome import Confidence, Outcome
from domain.policies.scoring_policy import ScoringPolicy
from domain.products.product_definition import ProductDefinition
from entrypoints.ui.applications.application_values import Item, grouped_values, value_texts
from entrypoints.ui.decisions.circumstance_items import circumstance_groups
from entrypoints.ui.decisions.contributions import Contributions, contributions_of
from entrypoints.ui.decisions.decision_reasons import ReasonItem, failed_rules_of, reasons_of
from entrypoints.ui.decisions.next_action import NextAction, next_action
from entrypoints.ui.decisions.pd_scale import PdScale, pd_scale
from entrypoints.ui.shared import labels
from entrypoints.ui.shared.field_values import field_label
from entrypoints.ui.shared.formats import money, percent, percent_range, timestamp
from entrypoints.ui.shared.time_zone import UTC_ZONE, Moment

_INTERVAL_TEXTS = {
    Confidence.HIGH: "The 90 % interval lies entirely on one side of the cut-offs, and the applicant is within "
    "the range seen in training.",
    Confidence.MEDIUM: "The 90 % interval lies entirely within the referral band, and the applicant is within "
    "the range seen in training.",
    Confidence.LOW: "The 90 % interval spans a cut-off, so the result is borderline.",
}
"""For decisions under policies before schema 3, whose confidence is that of the score's interval."""
_NEARLY_ALL = 0.99
_OUTSIDE_TRAINING_RANGE = "Unusual applicant: uncertainty is higher than shown."


@dataclass(frozen=True, slots=True)
class Figure:
    """A key figure with its label and a note."""

    label: str
    value: str
    note: str


@dataclass(frozen=True, slots=True)
class DecisionView:
    """The content of the decision page. `outcome` is the stored value, `outcome_label` its display text.

    `rule_reasons` says how many of the reasons are those of rules, if that is known. `warnings` name values
    outside the range seen in training.
    """

    decision_id: str
    outcome: str
    approved: bool
    outcome_label: str
    meaning: str
    request: str
    record: str
    next_action: NextAction
    figures: tuple[Figure, ...]
    confidence: str
    confidence_text: str
    reasons: tuple[ReasonItem, ...]
    rule_reasons: int | None
    failed_rules: tuple[ReasonItem, ...]
    contributions: Contributions
    scale: PdScale
    warnings: tuple[str, ...]
    application: tuple[tuple[str, tuple[Item, ...]], ...]
    provenance: tuple[Item, ...]
    metadata: tuple[Item, ...]
    synthetic: bool = False


def decision_view(
    record: DecisionRecord,
    policy: ScoringPolicy | None,
    product: ProductDefinition,
    zone: ZoneInfo = UTC_ZONE,
) -> DecisionView:
    """The view of a record, with its time in the zone.

    `policy` is the one that decided, None if it is not archived.
    """
    decision, values = record.decision, value_texts(record.application, product)
    request = f"{values[product.amount]} over {values[product.term]}"
    return DecisionView(
        decision_id=str(record.decision_id),
        outcome=decision.outcome.value,
        approved=decision.outcome is Outcome.APPROVED,
        outcome_label=labels.OUTCOMES[decision.outcome],
        meaning=labels.OUTCOME_MEANINGS[decision.outcome],
        request=request if product.purpose is None else f"{request} · {values[product.purpose]}",
        record=f"Decided {Moment.of(record.decided_at, zone).both}",
        next_action=next_action(record, values[product.term]),
        figures=_figures(record),
        confidence=labels.CONFIDENCES[decision.confidence],
        confidence_text=_confidence_text(record),
        reasons=reasons_of(record, policy, product),
        rule_reasons=decision.reasons_of_rules,
        failed_rules=failed_rules_of(record, policy, product),
        contributions=contributions_of(record.application, record.prediction, product),
        scale=pd_scale(record.prediction, policy),
        warnings=_warnings(record, product),
        application=(
            *grouped_values(record.application, product),
            *circumstance_groups(record.circumstances),
        ),
        provenance=_provenance(record, product),
        metadata=tuple(
            Item(name, "Not provided" if given is None else str(given))
            for name, given in record.identity.metadata.items()
        ),
        synthetic=is_synthetic(record.identity),
    )


def _figures(record: DecisionRecord) -> tuple[Figure, ...]:
    decision, prediction = record.decision, record.prediction
    interval = percent_range(prediction.interval.low, prediction.interval.high)
    requested = money(record.application.terms.amount)
    rate = percent(decision.annual_rate, 2)
    return (
        Figure("Probability of default", percent(prediction.pd.value), f"90 % interval {interval}"),
        Figure("Score", f"{decision.points} points", f"Grade {decision.grade}"),
        Figure("Recommended amount", money(decision.recommended_amount), _amount_note(record)),
        Figure("Monthly payment", money(decision.instalment), f"For {requested} at {rate} per year"),
    )


def _confidence_text(record: DecisionRecord) -> str:
    """What the confidence means."""
    decision = record.decision
    outside = f" {_OUTSIDE_TRAINING_RANGE}" if record.prediction.out_of_domain else ""
    if decision.outcome_stability is None:
        return outside.strip() or _INTERVAL_TEXTS[decision.confidence]
    if decision.outcome_stability == 1.0:
        return f"A policy rule decides, so the outcome does not depend on the model.{outside}"
    stable = decision.outcome_stability
    share = f"more than {percent(0.99, 0)}" if stable > _NEARLY_ALL else f"about {percent(stable, 0)}"
    return f"The outcome would be the same under {share} of models refitted on resampled loans.{outside}"


def _amount_note(record: DecisionRecord) -> str:
    decision = record.decision
    if decision.outcome is Outcome.APPROVED:
        return "Full amount"
    if decision.recommended_amount == ZERO:
        return "No amount qualifies" + ("" if decision.alternative is None else " at this term")
    return f"Maximum at this term (requested {money(record.application.terms.amount)})"


def _warnings(record: DecisionRecord, product: ProductDefinition) -> tuple[str, ...]:
    values = value_texts(record.application, product)
    return tuple(
        f"{field_label(product.field_by_name[name])}: {values[name]} is outside the range seen in training."
        for name in record.prediction.out_of_domain
    )


def _provenance(record: DecisionRecord, product: ProductDefinition) -> tuple[Item, ...]:
    by = record.requested_by
    return (
        Item("Decided", timestamp(record.decided_at)),
        Item("Requested by", f"{by.name} ({by.role.value})"),
        Item("Received through", labels.channel_label(record.received_through)),
        *([Item("Trial run", "Left out of overviews")] if record.trial else []),
        *_identity(record.identity),
        Item("Product", f"{product.label}, version {product.version}"),
        Item("Policy", f"Version {record.decision.policy_version}"),
        Item("Model", f"Version {record.model_version}"),
        Item("Model fingerprint", f"SHA-256 {record.model_fingerprint[:16]}…"),
    )


def _identity(identity: ApplicationIdentity) -> Iterator[Item]:
    """The caller's references and origin, as far as they are given."""
    for name, label in labels.IDENTITY.items():
        text = getattr(identity, name)
        if text is not None:
            yield Item(label, text)
