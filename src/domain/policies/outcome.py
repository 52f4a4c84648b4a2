"""What becomes of a loan application, and how sure the service is of it."""

from enum import Enum


class Outcome(Enum):
    """The decision; `severity` orders outcomes from welcome to unwelcome."""

    APPROVED = "approved"
    REFERRED = "referred"
    DECLINED = "declined"

    @property
    def severity(self) -> int:
        """0 approved, 1 referred, 2 declined: the code of outcomes in columns."""
        return _SEVERITIES[self]


OUTCOMES = (Outcome.APPROVED, Outcome.REFERRED, Outcome.DECLINED)
_SEVERITIES = {outcome: severity for severity, outcome in enumerate(OUTCOMES)}


class Confidence(Enum):
    """How firmly the score stands, given the interval of the PD and the training population."""

    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


CONFIDENCES = (Confidence.LOW, Confidence.MEDIUM, Confidence.HIGH)
"""Confidence by its code in columns."""
