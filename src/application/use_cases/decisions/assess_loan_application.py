"""Assess a loan application: predict, decide, record."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from application.outcomes import merge_outcomes, successes, unwrap
from application.ports.decisions.decision_ledger import DecisionLedger
from application.ports.decisions.idempotency import IdempotencyKey
from application.ports.models.credit_model import CreditModel
from application.ports.models.prediction_cache import PredictionCache
from application.ports.operations.clock import Clock
from application.ports.operations.dependencies import DependencyUnavailable
from application.ports.operations.identifiers import Identifiers
from application.ports.policies.policy_in_force import PolicyInForce
from application.use_cases.decisions.decide_many import Decided, decide_many
from domain.access.user import Actor, Permission
from domain.applications.application_identity import NO_IDENTITY, ApplicationIdentity
from domain.applications.loan_application import LoanApplication
from domain.decisions.circumstances import NO_CIRCUMSTANCES, BureauReportInFuture, Circumstances
from domain.decisions.decision_record import DecisionRecord
from domain.models.characteristics import Characteristics
from domain.policies.scoring_policy import ScoringPolicy
from domain.products.product_definition import ProductDefinition
from domain.value import value

_ASSESS = Permission.ASSESS_APPLICATIONS


@value
class AssessmentRequest:
    """A loan application to be decided, its caller, how it arrived ("api", "web"), and an idempotency key if any.

    `identity` is the caller's own data about it; `circumstances` are what the caller says of the bureau's data.
    """

    application: LoanApplication
    by: Actor
    received_through: str
    key: IdempotencyKey | None = None
    identity: ApplicationIdentity = NO_IDENTITY
    circumstances: Circumstances = NO_CIRCUMSTANCES


@dataclass(frozen=True, slots=True)
class AssessLoanApplication:
    """Decides on one loan application; the decision is durably recorded when this returns.

    The policy in force is read once for all requests that are decided together. A `cache` is useful only where
    the model is slower than the cache.
    """

    model: CreditModel
    cache: PredictionCache | None
    policy: PolicyInForce
    ledger: DecisionLedger
    clock: Clock
    identifiers: Identifiers

    async def __call__(
        self,
        application: LoanApplication,
        *,
        by: Actor,
        received_through: str,
        identity: ApplicationIdentity = NO_IDENTITY,
        circumstances: Circumstances = NO_CIRCUMSTANCES,
    ) -> DecisionRecord:
        """Assess an application that arrived through the "api" or the "web" interface."""
        record = await self.decide(
            AssessmentRequest(application, by, received_through, identity=identity, circumstances=circumstances)
        )
        await self.ledger.record(record)
        return record

    async def decide(self, request: AssessmentRequest) -> DecisionRecord:
        """The decision, which must not be returned to the caller before it is recorded."""
        (outcome,) = await self.decide_all((request,))
        return unwrap(outcome)

    async def decide_all(self, requests: Sequence[AssessmentRequest]) -> list[DecisionRecord | Exception]:
        """The decisions on several requests; for each that cannot be decided the exception."""
        try:
            policy = self.policy()
        except DependencyUnavailable as fault:
            return [_refusal(request) or fault for request in requests]
        now = self.clock.now()
        circumstances = [_circumstances(request, now) for request in requests]
        applicants = [
            (_refusal(request) or each)
            if isinstance(each, Exception)
            else _characteristics(request, policy.product)
            for request, each in zip(requests, circumstances, strict=True)
        ]
        noted = _of_successes(circumstances, applicants)
        decided = merge_outcomes(applicants, await self._decide(policy, successes(applicants), noted))
        return [
            outcome if isinstance(outcome, Exception) else self._record(request, policy, outcome, each, now)
            for request, outcome, each in zip(requests, decided, circumstances, strict=True)
        ]

    async def _decide(
        self,
        policy: ScoringPolicy,
        applicants: Sequence[Characteristics],
        circumstances: Sequence[Circumstances] | None,
    ) -> list[Decided | Exception]:
        model, cache = self.model, self.cache
        if cache is None:
            return decide_many(model, policy, applicants, None, circumstances)
        version = model.version
        cached = await asyncio.gather(*(cache.get(version, applicant) for applicant in applicants))
        decided = decide_many(model, policy, applicants, cached, circumstances)
        await asyncio.gather(
            *(
                cache.put(version, applicant, outcome[0])
                for applicant, hit, outcome in zip(applicants, cached, decided, strict=True)
                if hit is None and not isinstance(outcome, Exception)
            )
        )
        return decided

    def _record(
        self,
        request: AssessmentRequest,
        policy: ScoringPolicy,
        decided: Decided,
        circumstances: Circumstances | Exception,
        now: datetime,
    ) -> DecisionRecord:
        assert not isinstance(circumstances, Exception)  # noqa: S101 - such a request is not decided on
        (prediction, decision), version = decided, self.model.version
        return DecisionRecord(
            decision_id=self.identifiers.new(),
            decided_at=now,
            requested_by=request.by,
            received_through=request.received_through,
            application=request.application,
            prediction=prediction,
            decision=decision,
            model_version=version.version,
            model_fingerprint=version.fingerprint,
            policy_fingerprint=policy.fingerprint,
            product_fingerprint=policy.product.fingerprint,
            identity=request.identity,
            circumstances=circumstances,
            case_due_at=policy.review_terms.case_due_at(decision.outcome, now),
        )


def _circumstances(request: AssessmentRequest, now: datetime) -> Circumstances | Exception:
    given = request.circumstances
    if given is NO_CIRCUMSTANCES:
        return given
    try:
        return given.at(now)
    except BureauReportInFuture as fault:
        return fault


def _of_successes(
    circumstances: Sequence[Circumstances | Exception], applicants: Sequence[Characteristics | Exception]
) -> list[Circumstances] | None:
    """The circumstances of the applicants who can be decided on; None if nothing is noted about any of them."""
    if all(each is NO_CIRCUMSTANCES for each in circumstances):
        return None
    pairs = zip(circumstances, applicants, strict=True)
    return [
        each
        for each, applicant in pairs
        if not isinstance(each, Exception) and not isinstance(applicant, Exception)
    ]


def _characteristics(request: AssessmentRequest, product: ProductDefinition) -> Characteristics | Exception:
    refusal = _refusal(request)
    if refusal is not None:
        return refusal
    try:
        return product.characteristics_of(request.application)
    except Exception as fault:
        return fault


def _refusal(request: AssessmentRequest) -> Exception | None:
    try:
        request.by.require(_ASSESS)
    except Exception as fault:
        return fault
    return None
