"""A decision on record as its page shows it."""

from dataclasses import dataclass

from domain.applications.money import NOTHING
from domain.decisions.decision_record import DecisionRecord
from domain.policies.outcome import Confidence, Outcome
from domain.policies.scoring_policy import ScoringPolicy
from entrypoints.ui.applications.application_values import Item, grouped_values, values_of
from entrypoints.ui.decisions.contributions import Contributions, contributions_of
from entrypoints.ui.decisions.grounds import Ground, failed_rules_of, reasons_of
from entrypoints.ui.decisions.pd_scale import PdScale, pd_scale
from entrypoints.ui.shared import labels as words
from entrypoints.ui.shared.formats import moment, money, percent, percent_range

_ASSURANCE = {
    Confidence.HIGH: "The whole 90 % interval lies on one side of the cut-offs, and the applicant is like those "
    "the model learned from.",
    Confidence.MEDIUM: "The whole 90 % interval lies within the referral band, and the applicant is like those "
    "the model learned from.",
    Confidence.LOW: "The 90 % interval crosses a cut-off: a slightly different model could have scored the "
    "applicant otherwise.",
}
_OUTSIDE = (
    "The applicant is unlike those the model learned from, so the model is less sure than its interval says."
)


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure to read at a glance, with what it is and what to know about it."""

    label: str
    value: str
    note: str


@dataclass(frozen=True, slots=True)
class DecisionView:
    """Everything the page of a decision shows, in words; `outcome` is the stored name.

    `warnings` tell of figures outside the population that the model was trained on.
    """

    decision_id: str
    outcome: str
    approved: bool
    headline: str
    meaning: str
    request: str
    record: str
    figures: tuple[Figure, ...]
    confidence: str
    assurance: str
    reasons: tuple[Ground, ...]
    failed_rules: tuple[Ground, ...]
    contributions: Contributions
    scale: PdScale
    warnings: tuple[str, ...]
    application: tuple[tuple[str, tuple[Item, ...]], ...]
    provenance: tuple[Item, ...]


def decision_view(record: DecisionRecord, policy: ScoringPolicy) -> DecisionView:
    """The view of a record; `policy` explains it only where it is the version that decided."""
    decision, terms = record.decision, record.application.terms
    deciding = policy if policy.version == decision.policy_version else None
    outside = record.prediction.out_of_domain
    return DecisionView(
        decision_id=str(record.decision_id),
        outcome=decision.outcome.value,
        approved=decision.outcome is Outcome.APPROVED,
        headline=words.OUTCOMES[decision.outcome],
        meaning=words.MEANINGS[decision.outcome],
        request=f"{money(terms.amount)} over {terms.term.label} · {words.choice('purpose', terms.purpose.value)}",
        record=f"On record since {moment(record.decided_at)}",
        figures=_figures(record),
        confidence=words.CONFIDENCES[decision.confidence],
        assurance=_OUTSIDE if outside else _ASSURANCE[decision.confidence],
        reasons=reasons_of(record, deciding),
        failed_rules=failed_rules_of(record, deciding),
        contributions=contributions_of(record.application, record.prediction),
        scale=pd_scale(record.prediction, deciding),
        warnings=_warnings(record),
        application=grouped_values(record.application),
        provenance=_provenance(record),
    )


def _figures(record: DecisionRecord) -> tuple[Figure, ...]:
    decision, prediction = record.decision, record.prediction
    interval = percent_range(prediction.interval.low, prediction.interval.high)
    rate = "At" if decision.outcome is Outcome.APPROVED else "Would be at"
    return (
        Figure("Probability of default", percent(prediction.pd.value), f"90 % interval {interval}"),
        Figure("Score", f"{decision.points} points", f"Grade {decision.grade}"),
        Figure("Recommended amount", money(decision.recommended_amount), _amount_note(record)),
        Figure(
            "Monthly instalment", money(decision.instalment), f"{rate} {percent(decision.annual_rate, 2)} a year"
        ),
    )


def _amount_note(record: DecisionRecord) -> str:
    decision = record.decision
    if decision.outcome is Outcome.APPROVED:
        return "All that was asked for"
    if decision.recommended_amount == NOTHING:
        return "No amount up to what was asked passes at this term"
    return f"Passes at this term, of {money(record.application.terms.amount)} asked"


def _warnings(record: DecisionRecord) -> tuple[str, ...]:
    values = values_of(record.application)
    return tuple(
        f"{words.characteristic(name)}: {values[name]} lies outside the loans the model learned from."
        for name in record.prediction.out_of_domain
    )


def _provenance(record: DecisionRecord) -> tuple[Item, ...]:
    by = record.requested_by
    return (
        Item("Decided", moment(record.decided_at)),
        Item("Requested by", f"{by.name} ({by.role.value})"),
        Item("Channel", words.channel(record.channel)),
        Item("Policy", f"Version {record.decision.policy_version}"),
        Item("Model", f"Version {record.model_version}"),
        Item("Model fingerprint", f"SHA-256 {record.model_fingerprint[:16]}…"),
    )
