"""Assess a loan application: predict, decide, record, answer."""

from dataclasses import dataclass, field

from application.ports.clock import Clock
from application.ports.credit_model import CreditModel
from application.ports.decision_ledger import DecisionLedger
from application.ports.identifiers import Identifiers
from application.ports.prediction_cache import PredictionCache
from application.use_cases.deciding_together import DecidingTogether
from domain.access.user import Actor, Permission
from domain.lending.loan_application import LoanApplication
from domain.policy.decision_record import DecisionRecord
from domain.policy.scoring_policy import ScoringPolicy
from domain.risk.characteristics import Characteristics

_ASSESS = Permission.ASSESS_APPLICATIONS


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
    _deciding: DecidingTogether = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_deciding", DecidingTogether(self.model, self.policy))

    async def __call__(self, application: LoanApplication, *, by: Actor, channel: str) -> DecisionRecord:
        """Assess an application for somebody who came through a channel ("api", "web")."""
        record = await self.decide(application, by=by, channel=channel)
        await self.ledger.record(record)
        return record

    async def decide(self, application: LoanApplication, *, by: Actor, channel: str) -> DecisionRecord:
        """The decision, ready to be put on record: not to be answered before it is."""
        by.must(_ASSESS)
        characteristics = Characteristics.of(application)
        version = self.model.version
        known = None if self.cache is None else await self.cache.get(version, characteristics)
        prediction, decision = await self._deciding(characteristics, known)
        if self.cache is not None and known is None:
            await self.cache.put(version, characteristics, prediction)
        return DecisionRecord(
            decision_id=self.identifiers.new(),
            decided_at=self.clock.now(),
            requested_by=by,
            channel=channel,
            application=application,
            prediction=prediction,
            decision=decision,
            model_version=version.version,
            model_fingerprint=version.fingerprint,
            policy_fingerprint=self.policy.fingerprint,
        )
