"""The possible outcomes of a decision, and how certain they are."""

from enum import Enum

from domain.arithmetic import Quantity


class Outcome(Enum):
    """The outcome of a decision."""

    APPROVED = "approved"
    REFERRED = "referred"
    DECLINED = "declined"

    @property
    def severity(self) -> int:
        """0 approved, 1 referred, 2 declined; columns hold outcomes in this form."""
        return _SEVERITIES[self]


OUTCOMES = (Outcome.APPROVED, Outcome.REFERRED, Outcome.DECLINED)
_SEVERITIES = {outcome: severity for severity, outcome in enumerate(OUTCOMES)}


def more_severe(left: Quantity, right: Quantity) -> Quantity:
    """The more severe of two outcomes, as numbers or columns of severities."""
    return left + (right > left) * (right - left)


class Confidence(Enum):
    """How certain an outcome is, as `confidence.py` defines it."""

    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


CONFIDENCES = (Confidence.LOW, Confidence.MEDIUM, Confidence.HIGH)
"""Confidence by its number in columns."""
