"""A decision as it goes on record: what was asked, what was said, by which versions, for whom and when."""

from datetime import datetime
from uuid import UUID

from domain.access.user import Actor
from domain.applications.loan_application import LoanApplication
from domain.decisions.decision import Decision
from domain.models.prediction import Prediction
from domain.value import value


@value
class DecisionRecord:
    """One decision, complete: nothing else is needed to explain or to replay it.

    `decided_at` is in UTC; `channel` is the face it came through ("api", "web", "file", "batch");
    `model_fingerprint` is the SHA-256 of the model's bundle in hexadecimal, `policy_fingerprint` that of the
    policy's document; the latter is empty in records of the first release.
    """

    decision_id: UUID
    decided_at: datetime
    requested_by: Actor
    channel: str
    application: LoanApplication
    prediction: Prediction
    decision: Decision
    model_version: str
    model_fingerprint: str
    policy_fingerprint: str = ""
