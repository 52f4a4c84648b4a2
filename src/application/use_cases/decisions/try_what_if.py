"""Try what would be decided: a full answer that is never recorded and claims nothing."""

import asyncio
from dataclasses import dataclass
from enum import Enum
from uuid import UUID

from application.ports.applications.applicant_histories import ApplicantHistories
from application.ports.models.credit_model import CreditModel
from application.ports.models.credit_models import CreditModels
from application.ports.operations.clock import Clock
from application.ports.policies.policies import Policies
from application.ports.policies.policy_in_force import PolicyInForce
from application.ports.products.products import Products
from application.use_cases.decisions.read_decisions import require_fit
from domain.access.user import Actor, Permission
from domain.applications.applicant_history import Applicant
from domain.applications.application_identity import NO_IDENTITY, ApplicationIdentity
from domain.applications.loan_application import LoanApplication
from domain.decisions.circumstances import NO_CIRCUMSTANCES, Circumstances
from domain.decisions.decision import Decision, decide
from domain.decisions.decision_record import DecisionRecord
from domain.models.prediction import Prediction
from domain.policies.scoring_policy import ScoringPolicy
from domain.products.product_definition import ProductDefinition


class WhatIfVersions(Enum):
    """Whose model and policy answer: those of the recorded decision, or those in force."""

    DECISION = "decision"
    PRESENT = "present"


class ProductChanged(Exception):
    """The decision was made for another version of the product than the one in force."""


@dataclass(frozen=True, slots=True)
class WhatIf:
    """What would be decided on an application, and by what."""

    application: LoanApplication
    prediction: Prediction
    decision: Decision
    product: ProductDefinition
    versions: WhatIfVersions
    model_version: str
    model_fingerprint: str
    policy_fingerprint: str


@dataclass(frozen=True, slots=True)
class TryWhatIf:
    """Decides on an application without recording anything.

    A changed application of a recorded decision is decided in the circumstances of that decision, by default with
    its archived model and policy, so that only the changes make a difference. Any other application is decided
    with what is in force, as it would be now.
    """

    products: Products
    models: CreditModels
    policies: Policies
    model: CreditModel
    policy: PolicyInForce
    histories: ApplicantHistories | None
    clock: Clock

    async def __call__(
        self,
        application: LoanApplication,
        *,
        by: Actor,
        identity: ApplicationIdentity = NO_IDENTITY,
        circumstances: Circumstances = NO_CIRCUMSTANCES,
        supersedes: UUID | None = None,
        changed: DecisionRecord | None = None,
        versions: WhatIfVersions = WhatIfVersions.PRESENT,
    ) -> WhatIf:
        """What would be decided on an application: a new one, or that of a decision `changed`, read by the actor.

        A new one may supersede a decision, which is then no other application of the applicant. `versions` count
        for a changed one. Raises PermissionDenied, BureauReportInFuture, DependencyUnavailable,
        VersionNotArchived, and ProductChanged where what is in force is for another version of the product.
        """
        by.require(Permission.TRY_WHAT_IF)
        if changed is None:
            policy = self.policy()
            known = await self._known(identity, circumstances, policy, supersedes)
            return await _decided(application, self.model, policy, known, WhatIfVersions.PRESENT)
        if versions is WhatIfVersions.PRESENT:
            model, policy = self.model, self.policy()
            if application.product != policy.product.product_version:
                raise ProductChanged(
                    f"the decision is on an application for {application.product}, and in force is "
                    f"{policy.product.product_version}: use the versions of the decision"
                )
        else:
            product = await self.products.find(changed.application.product, changed.product_fingerprint)
            require_fit(changed, product)
            model = await self.models.find(changed.model_fingerprint, product)
            policy = await self.policies.find(changed.decision.policy_version, changed.policy_fingerprint, product)
        return await _decided(application, model, policy, changed.circumstances, versions)

    async def _known(
        self,
        identity: ApplicationIdentity,
        circumstances: Circumstances,
        policy: ScoringPolicy,
        supersedes: UUID | None,
    ) -> Circumstances:
        """The circumstances now, with the applicant's history if a rule needs it."""
        now = self.clock.now()
        circumstances = circumstances.at(now)
        reference = identity.applicant_reference
        if self.histories is None or not policy.needs_history or reference is None:
            return circumstances
        applicant = Applicant(reference, policy.product.name)
        superseded = () if supersedes is None else (supersedes,)
        history = (await self.histories.find([applicant], superseded=superseded))[applicant]
        return circumstances.with_history(history, now, days=policy.history_days)


async def _decided(
    application: LoanApplication,
    model: CreditModel,
    policy: ScoringPolicy,
    circumstances: Circumstances,
    versions: WhatIfVersions,
) -> WhatIf:
    """On a thread, because an application that is not approved takes milliseconds, which would delay decisions."""
    prediction, decision = await asyncio.to_thread(_decide, application, model, policy, circumstances)
    return WhatIf(
        application,
        prediction,
        decision,
        policy.product,
        versions,
        model.version.version,
        model.version.fingerprint,
        policy.fingerprint,
    )


def _decide(
    application: LoanApplication, model: CreditModel, policy: ScoringPolicy, circumstances: Circumstances
) -> tuple[Prediction, Decision]:
    characteristics = policy.product.characteristics_of(application)
    prediction = model.predict(characteristics)
    decision = decide(
        policy,
        characteristics,
        prediction,
        reference=model.reference_profile(policy.approve_below),
        risk_by_amount=model.risk_by_amount,
        circumstances=circumstances,
    )
    return prediction, decision
