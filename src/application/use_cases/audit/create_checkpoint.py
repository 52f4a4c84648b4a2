"""Create a checkpoint: sign the length and last digest of every chain of the audit trail."""

from dataclasses import dataclass
from datetime import timedelta

from application.ports.audit.checkpoints import Checkpoints, CheckpointTaken
from application.ports.audit.signatures import Signer
from application.ports.operations.clock import Clock
from application.use_cases.audit.record_event import RecordEvent
from domain.access.user import Actor, Permission
from domain.audit.checkpoint import SignedCheckpoint, next_checkpoint
from domain.audit.event import EventKind


@dataclass(frozen=True, slots=True)
class CreateCheckpoint:
    """After a checkpoint, the removal of anything recorded before it is detected.

    If the last checkpoint was not signed by this signer (the key changed, or someone else added it), the next one
    covers all chains, because chains that only an untrusted checkpoint covers would otherwise be left out.
    """

    checkpoints: Checkpoints
    signer: Signer
    clock: Clock
    record: RecordEvent | None = None

    async def __call__(self, *, by: Actor, unless_within: timedelta = timedelta()) -> SignedCheckpoint | None:
        """Create a checkpoint and return it.

        Returns None if nothing was added since the last one, if that is this signer's and younger than
        `unless_within`, or if another process has just added one.
        """
        by.require(Permission.VERIFY_AUDIT_TRAIL)
        last, now = await self.checkpoints.last(), self.clock.now()
        own = last is None or self._signed(last)
        if own and last is not None and timedelta() <= now - last.checkpoint.at < unless_within:
            return None
        if last is not None and not own and self.record:
            keys = {"from_key": last.public_key.hex(), "to_key": self.signer.public_key.hex()}
            await self.record(EventKind.CHECKPOINT_KEY_CHANGED, by=by, details=keys)
        heads = await (self.checkpoints.uncheckpointed_heads() if own else self.checkpoints.chain_heads())
        if not heads:
            return None
        checkpoint = next_checkpoint(last.checkpoint if last else None, heads, at=now)
        signed = SignedCheckpoint(checkpoint, self.signer.public_key, self.signer.sign(checkpoint.statement()))
        try:
            await self.checkpoints.add(signed)
        except CheckpointTaken:
            return None
        return signed

    def _signed(self, last: SignedCheckpoint) -> bool:
        """Whether this signer signed it; Ed25519 signatures are deterministic."""
        return (
            last.public_key == self.signer.public_key
            and self.signer.sign(last.checkpoint.statement()) == last.signature
        )
