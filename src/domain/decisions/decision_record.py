"""The record of a decision."""

from datetime import datetime
from uuid import UUID

from domain.access.user import Actor
from domain.applications.applicant_history import Applicant
from domain.applications.application_identity import NO_IDENTITY, ApplicationIdentity
from domain.applications.application_reference import ApplicationReference
from domain.applications.loan_application import LoanApplication
from domain.applications.superseding import SupersedesReason
from domain.decisions.circumstances import NO_CIRCUMSTANCES, Circumstances
from domain.decisions.decision import Decision
from domain.models.prediction import Prediction
from domain.value import value


@value
class DecisionRecord:
    """A decision with everything that is needed to explain or reproduce it.

    `decided_at` is in UTC. `received_through` is how the application arrived: "api", "web", "file" or "batch". The
    fingerprints are the SHA-256 of the model's bundle and of the documents of policy and product, in hexadecimal.
    Records of the first release have an empty `policy_fingerprint`, those of schema 1 no `product_fingerprint`.
    `identity` is the caller's own data; `trial` marks decisions made to try something, which overviews leave out.
    `supersedes` is the earlier decision on the same application. `case_due_at` is when the referral case of a
    referred decision is due; the decision opens the case. `applicant_number` counts the applicant's applications
    for the product, this one included, if the applicant's history was looked up.
    """

    decision_id: UUID
    decided_at: datetime
    requested_by: Actor
    received_through: str
    application: LoanApplication
    prediction: Prediction
    decision: Decision
    model_version: str
    model_fingerprint: str
    policy_fingerprint: str = ""
    product_fingerprint: str = ""
    identity: ApplicationIdentity = NO_IDENTITY
    trial: bool = False
    supersedes: UUID | None = None
    supersedes_reason: SupersedesReason | None = None
    circumstances: Circumstances = NO_CIRCUMSTANCES
    case_due_at: datetime | None = None
    applicant_number: int | None = None

    @property
    def applicant(self) -> Applicant | None:
        """The applicant whose history the decision enters. Trials enter none."""
        reference = self.identity.applicant_reference
        if reference is None or self.trial:
            return None
        return Applicant(reference, self.application.product.name)

    @property
    def reference(self) -> ApplicationReference | None:
        """The caller's reference, which no other application may have. Trials have none."""
        identity = self.identity
        if identity.application_reference is None or self.trial:
            return None
        return ApplicationReference(identity.source or self.requested_by.name, identity.application_reference)
