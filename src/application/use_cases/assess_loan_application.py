"""Assess a loan application: predict, decide, record, answer."""

from dataclasses import dataclass

from application.ports.clock import Clock
from application.ports.credit_model import CreditModel
from application.ports.decision_ledger import DecisionLedger
from application.ports.identifiers import Identifiers
from application.ports.prediction_cache import PredictionCache
from domain.access.user import Actor, Permission
from domain.lending.loan_application import LoanApplication
from domain.policy.decision import decide
from domain.policy.decision_record import DecisionRecord
from domain.policy.scoring_policy import ScoringPolicy
from domain.risk.characteristics import Characteristics
from domain.risk.prediction import Prediction

_ASSESS = Permission.ASSESS_APPLICATIONS


@dataclass(frozen=True, slots=True)
class AssessLoanApplication:
    """Decides on one loan application; the decision is on durable record when it is answered."""

    model: CreditModel
    cache: PredictionCache
    policy: ScoringPolicy
    ledger: DecisionLedger
    clock: Clock
    identifiers: Identifiers

    async def __call__(self, application: LoanApplication, *, by: Actor, channel: str) -> DecisionRecord:
        """Assess an application for somebody who came through a channel ("api", "web")."""
        record = await self.decide(application, by=by, channel=channel)
        await self.ledger.record(record)
        return record

    async def decide(self, application: LoanApplication, *, by: Actor, channel: str) -> DecisionRecord:
        """The decision, ready to be put on record: not to be answered before it is."""
        by.must(_ASSESS)
        characteristics = Characteristics.of(application)
        prediction = await self._predict(characteristics)
        return DecisionRecord(
            decision_id=self.identifiers.new(),
            decided_at=self.clock.now(),
            requested_by=by,
            channel=channel,
            application=application,
            prediction=prediction,
            decision=decide(
                self.policy,
                characteristics,
                prediction,
                reference=self.model.reference,
                risk_at=self.model.risk_at(characteristics),
            ),
            model_version=self.model.version.version,
            model_fingerprint=self.model.version.fingerprint,
            policy_fingerprint=self.policy.fingerprint,
        )

    async def _predict(self, characteristics: Characteristics) -> Prediction:
        remembered = await self.cache.get(self.model.version, characteristics)
        if remembered is not None:
            return remembered
        prediction = self.model.predict(characteristics)
        await self.cache.put(self.model.version, characteristics, prediction)
        return prediction
