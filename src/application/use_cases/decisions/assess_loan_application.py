"""Assess a loan application: predict, decide, record."""

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import repeat
from typing import NamedTuple

from application.keyed_locks import KeyedLocks
from application.outcomes import successes, unwrap
from application.ports.applications.applicant_histories import ApplicantHistories
from application.ports.decisions.decision_ledger import DecisionLedger, HistoryChanged, LedgerUnavailable
from application.ports.decisions.idempotency import IdempotencyKey
from application.ports.models.credit_model import CreditModel
from application.ports.models.prediction_cache import PredictionCache
from application.ports.operations.clock import Clock
from application.ports.operations.dependencies import DependencyUnavailable
from application.ports.operations.identifiers import Identifiers
from application.ports.policies.policy_in_force import PolicyInForce
from application.use_cases.decisions.applicant_lookup import LookedUp, look_up_histories
from application.use_cases.decisions.decide_many import Decided, decide_many
from application.use_cases.decisions.request_content import claim_of
from domain.access.user import Actor, Permission
from domain.applications.application_identity import NO_IDENTITY, ApplicationIdentity
from domain.applications.loan_application import LoanApplication
from domain.applications.superseding import Superseding
from domain.decisions.circumstances import NO_CIRCUMSTANCES, Circumstances
from domain.decisions.decision_record import DecisionRecord
from domain.models.characteristics import Characteristics
from domain.policies.scoring_policy import ScoringPolicy
from domain.value import value

_ASSESS = Permission.ASSESS_APPLICATIONS
_MAX_ATTEMPTS = 10
"""How often an application is decided while other processes record applications of its applicant."""


@value
class AssessmentRequest:
    """A loan application to be decided, its caller, how it arrived ("api", "web"), and an idempotency key if any.

    `identity` is the caller's own data about it; `circumstances` are what the caller says of the bureau's data. A
    request that `supersedes` a decision is for SupersedeDecision.
    """

    application: LoanApplication
    by: Actor
    received_through: str
    key: IdempotencyKey | None = None
    identity: ApplicationIdentity = NO_IDENTITY
    circumstances: Circumstances = NO_CIRCUMSTANCES
    supersedes: Superseding | None = None


class _Prepared(NamedTuple):
    """What a decision follows from besides the model and the policy, and its `applicant_number`."""

    applicant: Characteristics
    circumstances: Circumstances
    number: int | None


@dataclass(frozen=True, slots=True)
class AssessLoanApplication:
    """Decides on one loan application; the decision is durably recorded when this returns.

    The policy in force is read once for all requests that are decided together, and so are the histories of their
    applicants; without `histories` every applicant is new. A `cache` is useful only where the model is slower than
    the cache.
    """

    model: CreditModel
    cache: PredictionCache | None
    policy: PolicyInForce
    ledger: DecisionLedger
    clock: Clock
    identifiers: Identifiers
    histories: ApplicantHistories | None = None
    _locks: KeyedLocks = field(default_factory=KeyedLocks, init=False, repr=False, compare=False)

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
        request = AssessmentRequest(
            application, by, received_through, identity=identity, circumstances=circumstances
        )
        _, recorded = await self.decide_and_record(request)
        return unwrap(recorded)

    async def decide_and_record(
        self, request: AssessmentRequest
    ) -> tuple[DecisionRecord, DecisionRecord | Exception]:
        """The decision, and what the ledger returns for it under the request's key.

        It is made again if another application of the applicant was recorded meanwhile. Then the applications of
        the applicant wait for each other in this process.
        """
        record, recorded = await self._attempt(request)
        if not isinstance(recorded, HistoryChanged):
            return record, recorded
        async with self._locks.of(str(request.identity.applicant_reference)):
            for _ in range(_MAX_ATTEMPTS):
                record, recorded = await self._attempt(request)
                if not isinstance(recorded, HistoryChanged):
                    return record, recorded
        return record, LedgerUnavailable(
            f"other applications of the applicant were recorded {_MAX_ATTEMPTS} times meanwhile"
        )

    async def _attempt(self, request: AssessmentRequest) -> tuple[DecisionRecord, DecisionRecord | Exception]:
        record = await self.decide(request)
        claim = None if request.key is None else claim_of(record, request.key)
        (recorded,) = await self.ledger.record_each(((record, claim),))
        return record, recorded

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
        histories = await self._histories(policy, requests)
        now = self.clock.now()
        prepared = [
            _prepared(request, policy, history, now) for request, history in zip(requests, histories, strict=False)
        ]
        decided = iter(await self._decide(policy, successes(prepared)))
        return [
            each if isinstance(each, Exception) else self._outcome(request, policy, each, next(decided), now)
            for request, each in zip(requests, prepared, strict=True)
        ]

    async def _histories(self, policy: ScoringPolicy, requests: Sequence[AssessmentRequest]) -> Iterable[LookedUp]:
        if self.histories is None or not policy.needs_history:
            return repeat(None)
        references = [request.identity.applicant_reference for request in requests]
        if not any(references):
            return repeat(None)
        superseded = [request.supersedes.decision_id for request in requests if request.supersedes]
        return await look_up_histories(self.histories, policy.product.name, references, superseded)

    async def _decide(self, policy: ScoringPolicy, prepared: Sequence[_Prepared]) -> list[Decided | Exception]:
        model, cache = self.model, self.cache
        applicants = [each.applicant for each in prepared]
        circumstances = [each.circumstances for each in prepared]
        noted = None if all(each is NO_CIRCUMSTANCES for each in circumstances) else circumstances
        if cache is None:
            return decide_many(model, policy, applicants, None, noted)
        version = model.version
        cached = await asyncio.gather(*(cache.get(version, applicant) for applicant in applicants))
        decided = decide_many(model, policy, applicants, cached, noted)
        await asyncio.gather(
            *(
                cache.put(version, applicant, outcome[0])
                for applicant, hit, outcome in zip(applicants, cached, decided, strict=True)
                if hit is None and not isinstance(outcome, Exception)
            )
        )
        return decided

    def _outcome(
        self,
        request: AssessmentRequest,
        policy: ScoringPolicy,
        prepared: _Prepared,
        decided: Decided | Exception,
        now: datetime,
    ) -> DecisionRecord | Exception:
        if isinstance(decided, Exception):
            return decided
        version = self.model.version
        prediction, decision = decided
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
            circumstances=prepared.circumstances,
            supersedes=None if request.supersedes is None else request.supersedes.decision_id,
            supersedes_reason=None if request.supersedes is None else request.supersedes.reason,
            applicant_number=prepared.number,
            case_due_at=policy.review_terms.case_due_at(decision.outcome, now),
        )


def _prepared(
    request: AssessmentRequest, policy: ScoringPolicy, history: LookedUp, now: datetime
) -> _Prepared | Exception:
    refusal = _refusal(request)
    if refusal is not None:
        return refusal
    if isinstance(history, Exception):
        return history
    circumstances, number = request.circumstances, None
    try:
        if circumstances is not NO_CIRCUMSTANCES:
            circumstances = circumstances.at(now)
        if history is not None:
            circumstances = circumstances.with_history(history, now, days=policy.history_days)
            number = history.number + 1
        return _Prepared(policy.product.characteristics_of(request.application), circumstances, number)
    except Exception as fault:
        return fault


def _refusal(request: AssessmentRequest) -> Exception | None:
    try:
        request.by.require(_ASSESS)
    except Exception as fault:
        return fault
    return None
