"""Read the last checkpoint of the audit trail."""

from dataclasses import dataclass

from application.ports.audit.checkpoints import Checkpoints
from domain.audit.checkpoint import SignedCheckpoint


@dataclass(frozen=True, slots=True)
class ReadLastCheckpoint:
    """Returns the newest checkpoint, or None where there is none."""

    checkpoints: Checkpoints

    async def __call__(self) -> SignedCheckpoint | None:
        return await self.checkpoints.last()
