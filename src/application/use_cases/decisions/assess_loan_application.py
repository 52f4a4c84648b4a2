"""Assess a loan application: predict, decide, record, answer."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from application.outcomes import in_their_places, result_of, results_of
from application.ports.decisions.decision_ledger import DecisionLedger
from application.ports.decisions.idempotency import IdempotencyKey
from application.ports.models.credit_model import CreditModel
from application.ports.models.prediction_cache import PredictionCache
from application.ports.operations.clock import Clock
from application.ports.operations.identifiers import Identifiers
from application.use_cases.decisions.decide_many import Decided, decide_many
from domain.access.user import Actor, Permission
from domain.applications.loan_application import LoanApplication
from domain.decisions.decision import Decision
from domain.decisions.decision_record import DecisionRecord
from domain.models.characteristics import Characteristics
from domain.models.prediction import Prediction
from domain.policies.scoring_policy import ScoringPolicy
from domain.value import value

_ASSESS = Permission.ASSESS_APPLICATIONS


@value
class AssessmentRequest:
    """A loan application, and who wants it decided: through a channel ("api", "web"), perhaps under a key."""

    application: LoanApplication
    by: Actor
    channel: str
    key: IdempotencyKey | None = None


@dataclass(frozen=True, slots=True)
class AssessLoanApplication:
    """Decides on one loan application; the decision is on durable record when it is answered.

    A `cache` pays for itself only beside a model that is slower than asking it.
    """

    model: CreditModel
    cache: PredictionCache | None
    policy: ScoringPolicy
    ledger: DecisionLedger
    clock: Clock
    identifiers: Identifiers

    async def __call__(self, application: LoanApplication, *, by: Actor, channel: str) -> DecisionRecord:
        """Assess an application for somebody who came through a channel ("api", "web")."""
        record = await self.decide(AssessmentRequest(application, by, channel))
        await self.ledger.record(record)
        return record

    async def decide(self, asked: AssessmentRequest) -> DecisionRecord:
        """The decision, ready to be put on record: not to be answered before it is."""
        (outcome,) = await self.decide_all((asked,))
        return result_of(outcome)

    async def decide_all(self, asked: Sequence[AssessmentRequest]) -> list[DecisionRecord | Exception]:
        """The same for several at once; where one of them cannot be decided on, why not stands in its place."""
        seen = [_characteristics(each) for each in asked]
        decided = in_their_places(seen, await self._decided(results_of(seen)))
        now = self.clock.now()
        return [
            outcome if isinstance(outcome, Exception) else self._record(each, *outcome, now)
            for each, outcome in zip(asked, decided, strict=True)
        ]

    async def _decided(self, applicants: Sequence[Characteristics]) -> list[Decided | Exception]:
        model, policy, cache = self.model, self.policy, self.cache
        if cache is None:
            return decide_many(model, policy, applicants)
        version = model.version
        known = await asyncio.gather(*(cache.get(version, applicant) for applicant in applicants))
        decided = decide_many(model, policy, applicants, known)
        await asyncio.gather(
            *(
                cache.put(version, applicant, outcome[0])
                for applicant, before, outcome in zip(applicants, known, decided, strict=True)
                if before is None and not isinstance(outcome, Exception)
            )
        )
        return decided

    def _record(
        self, asked: AssessmentRequest, prediction: Prediction, decision: Decision, now: datetime
    ) -> DecisionRecord:
        version = self.model.version
        return DecisionRecord(
            decision_id=self.identifiers.new(),
            decided_at=now,
            requested_by=asked.by,
            channel=asked.channel,
            application=asked.application,
            prediction=prediction,
            decision=decision,
            model_version=version.version,
            model_fingerprint=version.fingerprint,
            policy_fingerprint=self.policy.fingerprint,
        )


def _characteristics(asked: AssessmentRequest) -> Characteristics | Exception:
    try:
        asked.by.must(_ASSESS)
        return Characteristics.of(asked.application)
    except Exception as fault:
        return fault
