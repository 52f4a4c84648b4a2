"""Make a checkpoint: sign how long every chain of the audit trail is, and how it ends."""

from dataclasses import dataclass
from datetime import timedelta

from application.ports.audit.checkpoints import Checkpoints, CheckpointTaken
from application.ports.audit.signatures import Signer
from application.ports.operations.clock import Clock
from domain.access.user import Actor, Permission
from domain.audit.checkpoint import SignedCheckpoint, next_checkpoint


@dataclass(frozen=True, slots=True)
class CreateCheckpoint:
    """Whatever is on the trail when it is made cannot be taken away unnoticed afterwards.

    Where the last checkpoint is not of this signer (somebody else added it, or the key was changed) the next one
    speaks of all chains: what a checkpoint states that does not count must not keep a chain from being stated.
    """

    checkpoints: Checkpoints
    signer: Signer
    clock: Clock

    async def __call__(self, *, by: Actor, unless_within: timedelta = timedelta()) -> SignedCheckpoint | None:
        """The new checkpoint.

        None when nothing was added since the last one, when that is this signer's and younger than
        `unless_within`, or when somebody else is making one at this moment.
        """
        by.require(Permission.VERIFY_AUDIT_TRAIL)
        last, now = await self.checkpoints.last(), self.clock.now()
        own = last is None or self._signed(last)
        if own and last is not None and timedelta() <= now - last.checkpoint.at < unless_within:
            return None
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
        """Whether this signer made it: its signature of a statement is always the same."""
        return (
            last.public_key == self.signer.public_key
            and self.signer.sign(last.checkpoint.statement()) == last.signature
        )
