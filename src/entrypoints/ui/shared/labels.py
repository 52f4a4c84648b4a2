"""Display labels of stored values: choices, characteristics, outcomes, channels and batch states."""

from collections.abc import Mapping

from domain.applications.fields import FIELD_BY_NAME, ChoiceField
from domain.batches.batch import BatchState
from domain.policies.outcome import Confidence, Outcome

HOUSING_STATUSES: Mapping[str, str] = {
    "MORTGAGE": "Mortgage",
    "RENT": "Rent",
    "OWN": "Owned outright",
    "OTHER": "Other",
    "NONE": "None",
    "ANY": "Any",
}
CHANNELS: Mapping[str, str] = {"api": "API", "web": "Web interface", "file": "File", "batch": "Batch"}
OUTCOMES: Mapping[Outcome, str] = {
    Outcome.APPROVED: "Approved",
    Outcome.REFERRED: "Referred",
    Outcome.DECLINED: "Declined",
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


def choice_label(field: str, value: str) -> str:
    """The label of a choice: debt_consolidation is "Debt consolidation"."""
    if field == "home_ownership":
        return HOUSING_STATUSES.get(value, value.capitalize())
    if field == "purpose":
        return value.replace("_", " ").capitalize()
    return "n/a (not provided)" if value == "n/a" else value


def choice_labels(field: ChoiceField) -> dict[str, str]:
    """The choices of a field with their labels."""
    return {value: choice_label(field.name, value) for value in field.choices}


def characteristic_label(name: str) -> str:
    """The label of a characteristic; fico_range_low represents the whole FICO range."""
    return "FICO score" if name == "fico_range_low" else FIELD_BY_NAME[name].label


def channel_label(name: str) -> str:
    return CHANNELS.get(name, name)
