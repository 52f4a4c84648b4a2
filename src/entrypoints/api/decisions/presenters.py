"""From recorded decisions to responses: the same doubles as in the record, neither rounded nor computed again."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from msgspec import UNSET, UnsetType, structs

from application.ports.decisions.decision_archive import DecisionPage
from application.use_cases.applications.read_applications import PresentApplication
from application.use_cases.decisions.find_counterfactual import Explanation
from application.use_cases.decisions.reproduce_decision import Reproduction
from application.use_cases.products.read_product_of import Described
from domain.access.user import Actor, Permission
from domain.applications.application_identity import NO_IDENTITY, ApplicationIdentity
from domain.applications.synthetic import is_synthetic
from domain.cases.final_decision import FinalDecision
from domain.decisions.counterfactual import Change
from domain.decisions.decision_record import DecisionRecord
from domain.decisions.unreadable_decision import UnreadableDecision
from domain.policies.alternative_loan import AlternativeLoan
from domain.policies.final_outcome import FinalOutcome, final_outcome
from domain.policies.reasons import AdverseActionReason
from domain.products.fields import ChoiceField, Field
from domain.products.product_definition import ProductDefinition
from entrypoints.api.decisions.final_decisions import final_decision_of
from entrypoints.api.decisions.loan_application_body import Identity, body_of, contributions_type
from entrypoints.api.decisions.schemas import (
    Alternative,
    Counterfactual,
    CounterfactualResponse,
    DecisionList,
    DecisionResponse,
    Difference,
    Interval,
    Prediction,
    ProductVersion,
    ProposedChange,
    Reason,
    RecordedDecision,
    ReproductionResponse,
)
from entrypoints.api.decisions.schemas import UnreadableDecision as UnreadableDecisionResponse


def prediction_of(record: DecisionRecord, by: Actor, product: ProductDefinition) -> Prediction:
    """The prediction and the decision; what drove the score only for callers who may explain decisions."""
    explained = by.may(Permission.EXPLAIN_DECISIONS)
    decision, prediction = record.decision, record.prediction
    pd, interval = prediction.pd.value, prediction.interval
    reasons, of_rules = reasons_of(decision.reasons), decision.reasons_of_rules
    return Prediction(
        prediction=1 if decision.default_predicted else 0,
        probability=1 - pd,
        confidence=decision.confidence.value,
        recommended_amount=decision.recommended_amount.dollars,
        risk_score=100 * pd,
        model_version=record.model_version,
        probability_of_default=pd,
        probability_of_default_interval=Interval(interval.low, interval.high),
        outcome=decision.outcome.value,
        score_points=decision.points,
        grade=decision.grade,
        reasons=reasons,
        rule_reasons=None if of_rules is None else reasons[:of_rules],
        score_reasons=None if of_rules is None else reasons[of_rules:],
        failed_rules=list(decision.failed_rules),
        policy_version=decision.policy_version,
        decision_id=record.decision_id,
        out_of_domain=list(prediction.out_of_domain),
        annual_rate=decision.annual_rate,
        instalment=decision.instalment.dollars,
        outcome_stability=decision.outcome_stability,
        alternative=None if decision.alternative is None else alternative_of(decision.alternative, product),
        log_odds=prediction.log_odds if explained else UNSET,
        base=prediction.base if explained else UNSET,
        contributions=contributions_type(product)(*prediction.contributions) if explained else UNSET,
    )


def reasons_of(reasons: Sequence[AdverseActionReason]) -> list[Reason]:
    """The reasons as responses state them."""
    return [Reason(reason.code, reason.text) for reason in reasons]


def alternative_of(loan: AlternativeLoan, product: ProductDefinition) -> Alternative:
    """An alternative loan as responses state it."""
    term = str(_as_posted(product.field_by_name[product.term], loan.term))
    return Alternative(loan.amount.dollars, term, loan.annual_rate, loan.instalment.dollars)


def decision_response(
    record: DecisionRecord, product: ProductDefinition, *, by: Actor, processing_time_ms: float
) -> DecisionResponse:
    """A new decision."""
    return DecisionResponse(
        success=True,
        prediction=prediction_of(record, by, product),
        processing_time_ms=processing_time_ms,
        request_id=record.decision_id,
        timestamp=record.decided_at,
        identity=UNSET if record.identity is NO_IDENTITY else _identity_of(record.identity),
        related_decisions=_related(record, by),
        supersedes=record.supersedes or UNSET,
        supersedes_reason=UNSET if record.supersedes_reason is None else record.supersedes_reason.value,
    )


def _related(record: DecisionRecord, by: Actor) -> list[UUID] | UnsetType:
    """Other callers may have made them, so that only those who see all decisions see them."""
    related = record.circumstances.related
    return list(related) if related and by.visible_owner is None else UNSET


def _identity_of(identity: ApplicationIdentity) -> Identity | UnsetType:
    given: dict[str, Any] = identity.given()
    return Identity(**given) if given else UNSET


def recorded_decision(
    record: DecisionRecord,
    by: Actor,
    product: ProductDefinition,
    decided: FinalOutcome | None = None,
    superseded_by: UUID | None = None,
) -> RecordedDecision:
    """A recorded decision with its application; `decided` is what a person decided last."""
    final = final_outcome(record.decision.outcome, decided)
    return RecordedDecision(
        prediction=prediction_of(record, by, product),
        request_id=record.decision_id,
        timestamp=record.decided_at,
        application=body_of(record, product),
        requested_by=record.requested_by.name,
        channel=record.received_through,
        model_fingerprint=record.model_fingerprint,
        product=ProductVersion(product.name, product.version),
        received_through=record.received_through,
        trial=record.trial,
        synthetic=is_synthetic(record.identity),
        final_outcome=None if final is None else final.value,
        related_decisions=_related(record, by),
        supersedes=record.supersedes,
        supersedes_reason=None if record.supersedes_reason is None else record.supersedes_reason.value,
        superseded_by=superseded_by,
    )


def with_application(decision: RecordedDecision, application: PresentApplication) -> RecordedDecision:
    """The decision with the state of its application."""
    return structs.replace(
        decision,
        application_id=application.life.application_id,
        application_state=application.state.value,
        expires_at=application.life.expires_at,
    )


def with_final_decision(decision: RecordedDecision, final: FinalDecision | None, by: Actor) -> RecordedDecision:
    """The decision with what a person decided last."""
    return structs.replace(decision, final_decision=None if final is None else final_decision_of(final, by))


def reproduction_response(reproduction: Reproduction) -> ReproductionResponse:
    """The comparison of a reproduction with the record."""
    record, comparison = reproduction.record, reproduction.comparison
    return ReproductionResponse(
        decision_id=record.decision_id,
        identical=comparison.identical,
        fields_compared=comparison.compared,
        differences=[Difference(one.field, one.recorded, one.reproduced) for one in comparison.differences],
        model_version=record.model_version,
        model_fingerprint=record.model_fingerprint,
        policy_version=record.decision.policy_version,
        policy_fingerprint=record.policy_fingerprint,
    )


def counterfactual_response(explanation: Explanation, product: ProductDefinition) -> CounterfactualResponse:
    """The changes that would have led to approval."""
    record = explanation.record
    return CounterfactualResponse(
        decision_id=record.decision_id,
        outcome=record.decision.outcome.value,
        counterfactuals=[
            Counterfactual(
                changes=[_change(change, product) for change in one.changes],
                probability_of_default=one.pd,
                grade=one.grade,
                annual_rate=one.annual_rate,
                instalment=one.instalment.dollars,
            )
            for one in explanation.counterfactuals
        ],
        note=_note(explanation),
        model_version=record.model_version,
        policy_version=record.decision.policy_version,
    )


def _change(change: Change, product: ProductDefinition) -> ProposedChange:
    field = product.field_by_name[change.name]
    return ProposedChange(change.name, _as_posted(field, change.given), _as_posted(field, change.instead))


def _as_posted(field: Field, value: float) -> int | float | str:
    """The value as a request has it."""
    if isinstance(field, ChoiceField):
        return field.choice_of(value)
    return int(value) if field.whole else value


def _note(explanation: Explanation) -> str:
    if explanation.approved:
        return "The loan was approved as requested; no change is needed."
    if not explanation.counterfactuals:
        if explanation.needs_review:
            return (
                "No change of the application alone would lead to approval: the credit bureau data or the "
                "applicant's other applications must be reviewed first."
            )
        return "No change the applicant could make would lead to approval."
    return (
        "The model and policy of this decision would approve each of these changes, with everything else the "
        "same. This is not an offer; a new application is assessed from scratch."
    )


def decision_list(
    page: DecisionPage,
    listed: Sequence[Described | UnreadableDecision],
    by: Actor,
    successors: Mapping[UUID, UUID],
) -> DecisionList:
    """A page of decisions, with their products and the decisions that superseded them."""
    return DecisionList(
        decisions=[
            recorded_decision(
                one[0],
                by,
                one[1],
                page.final_outcomes.get(one[0].decision_id),
                successors.get(one[0].decision_id),
            )
            for one in listed
            if not isinstance(one, UnreadableDecision)
        ],
        unreadable=[_unreadable(one) for one in listed if isinstance(one, UnreadableDecision)],
        next_cursor=page.next_cursor,
        total=page.total,
    )


def _unreadable(decision: UnreadableDecision) -> UnreadableDecisionResponse:
    return UnreadableDecisionResponse(
        decision_id=decision.decision_id,
        timestamp=decision.decided_at,
        requested_by=decision.requested_by,
        document_digest=decision.digest,
        problem=decision.problem,
    )
