"""Display labels of stored values: outcomes, channels and batch states. Labels of fields are the product's."""

from collections.abc import Mapping

from domain.batches.batch import BatchState
from domain.policies.final_outcome import FinalOutcome
from domain.policies.outcome import Confidence, Outcome

CHANNELS: Mapping[str, str] = {"api": "API", "web": "Web interface", "file": "File", "batch": "Batch"}
IDENTITY: Mapping[str, str] = {
    "application_reference": "Application reference",
    "applicant_reference": "Applicant reference",
    "source": "Source",
    "channel": "Channel",
}
"""The caller's references and origin of an application."""
OUTCOMES: Mapping[Outcome, str] = {
    Outcome.APPROVED: "Approved",
    Outcome.REFERRED: "Referred",
    Outcome.DECLINED: "Declined",
}
FINAL_OUTCOMES: Mapping[FinalOutcome, str] = {
    FinalOutcome.APPROVED: "Approved",
    FinalOutcome.DECLINED: "Declined",
    FinalOutcome.COUNTER_OFFER: "Counter-offer",
}
BATCH_STATES: Mapping[BatchState, str] = {
    BatchState.QUEUED: "Queued",
    BatchState.RUNNING: "Running",
    BatchState.DONE: "Finished",
    BatchState.FAILED: "Failed",
    BatchState.CANCELLED: "Cancelled",
}
OUTCOME_MEANINGS: Mapping[Outcome, str] = {
    Outcome.APPROVED: "Meets policy as requested.",
    Outcome.REFERRED: "Needs underwriter review.",
    Outcome.DECLINED: "Does not meet lending policy.",
}
CONFIDENCES: Mapping[Confidence, str] = {
    Confidence.HIGH: "High",
    Confidence.MEDIUM: "Medium",
    Confidence.LOW: "Low",
}


def channel_label(name: str) -> str:
    return CHANNELS.get(name, name)
