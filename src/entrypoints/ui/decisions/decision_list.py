"""The list of decisions: presents each record as a row."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from uuid import UUID
from zoneinfo import ZoneInfo

from application.use_cases.products.read_product_of import Described
from domain.applications.synthetic import is_synthetic
from domain.decisions.unreadable_decision import UnreadableDecision
from domain.policies.final_outcome import FinalOutcome
from entrypoints.ui.applications.application_values import value_texts
from entrypoints.ui.shared import labels
from entrypoints.ui.shared.formats import percent, sentence
from entrypoints.ui.shared.time_zone import UTC_ZONE, Moment

NO_FINAL_OUTCOMES: Mapping[UUID, FinalOutcome] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class DecisionRow:
    """One decision in the list. `final_outcome` is what a person decided last, "" if no person did."""

    decision_id: str
    decided: Moment
    outcome: str
    outcome_label: str
    amount: str
    term: str
    purpose: str
    pd: str
    points: str
    grade: str
    requested_by: str
    origin: str
    reference: str
    trial: bool
    final_outcome: str = ""
    synthetic: bool = False


@dataclass(frozen=True, slots=True)
class UnreadableRow:
    """A decision in the list whose stored document cannot be read."""

    decision_id: str
    decided: Moment
    requested_by: str
    problem: str


def decision_row(
    listed: Described | UnreadableDecision,
    zone: ZoneInfo = UTC_ZONE,
    final_outcomes: Mapping[UUID, FinalOutcome] = NO_FINAL_OUTCOMES,
) -> DecisionRow | UnreadableRow:
    """The row of a decision, with its time in the zone; `final_outcomes` are those that people decided."""
    if isinstance(listed, UnreadableDecision):
        return UnreadableRow(
            str(listed.decision_id),
            Moment.of(listed.decided_at, zone),
            listed.requested_by,
            sentence(listed.problem),
        )
    record, product = listed
    decision, values = record.decision, value_texts(record.application, product)
    final = final_outcomes.get(record.decision_id)
    received = labels.channel_label(record.received_through)
    return DecisionRow(
        decision_id=str(record.decision_id),
        decided=Moment.of(record.decided_at, zone),
        outcome=decision.outcome.value,
        outcome_label=labels.OUTCOMES[decision.outcome],
        amount=values[product.amount],
        term=values[product.term],
        purpose="" if product.purpose is None else values[product.purpose],
        pd=percent(record.prediction.pd.value),
        points=str(decision.points),
        grade=decision.grade,
        requested_by=record.requested_by.name,
        origin=" · ".join(filter(None, (received, record.identity.channel, record.identity.source))),
        reference=record.identity.application_reference or record.identity.applicant_reference or "",
        trial=record.trial,
        final_outcome="" if final is None else labels.FINAL_OUTCOMES[final],
        synthetic=is_synthetic(record.identity),
    )
