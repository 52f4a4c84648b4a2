"""What stored names are called on the pages: choices, characteristics, outcomes, channels."""

from collections.abc import Mapping

from domain.applications.fields import FIELD_BY_NAME, ChoiceField
from domain.batches.batch import BatchState
from domain.policies.outcome import Confidence, Outcome

HOMES: Mapping[str, str] = {
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
    BatchState.QUEUED: "Waiting",
    BatchState.RUNNING: "Being decided",
    BatchState.DONE: "Done",
    BatchState.FAILED: "Failed",
    BatchState.CANCELLED: "Cancelled",
}
MEANINGS: Mapping[Outcome, str] = {
    Outcome.APPROVED: "Within policy: the loan may be made as asked for.",
    Outcome.REFERRED: "An underwriter decides.",
    Outcome.DECLINED: "Outside policy: the loan is not made as asked for.",
}
CONFIDENCES: Mapping[Confidence, str] = {
    Confidence.HIGH: "High",
    Confidence.MEDIUM: "Medium",
    Confidence.LOW: "Low",
}


def choice(field: str, value: str) -> str:
    """What a choice is called: debt_consolidation is "Debt consolidation"."""
    if field == "home_ownership":
        return HOMES.get(value, value.capitalize())
    if field == "purpose":
        return value.replace("_", " ").capitalize()
    return "n/a (not provided)" if value == "n/a" else value


def choices(field: ChoiceField) -> dict[str, str]:
    """Every choice of a field with what it is called."""
    return {value: choice(field.name, value) for value in field.choices}


def characteristic(name: str) -> str:
    """What a characteristic is called; the FICO band's lower end stands for the whole band."""
    return "FICO score" if name == "fico_range_low" else FIELD_BY_NAME[name].label


def channel(name: str) -> str:
    """What a channel is called."""
    return CHANNELS.get(name, name)
