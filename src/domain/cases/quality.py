"""Quality reviews: a share of the resolved cases goes to a second reviewer, who does not see the decision."""

from enum import Enum
from hashlib import sha256
from uuid import UUID

_RANGE = 2**64


class QualityState(Enum):
    """Whether a resolved case waits for its quality review, or whether the reviewer agreed."""

    WAITING = "waiting"
    AGREED = "agreed"
    DISAGREED = "disagreed"


def selected_for_quality(case_id: UUID, share: float) -> bool:
    """Whether a case is in the share. It follows from the identifier, so that it can be neither chosen nor avoided
    and is the same on every replica."""
    return int.from_bytes(sha256(case_id.bytes).digest()[:8]) < share * _RANGE
