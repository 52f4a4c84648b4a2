"""Publish copies of checkpoints outside the database, which reveal the removal of its newest records."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from application.ports.audit.checkpoint_destination import CheckpointDestination, PublicationFailed
from application.ports.audit.checkpoints import Checkpoints
from domain.access.user import Actor, Permission
from domain.audit.checkpoint_copy import CheckpointCopy

MAX_PER_RUN = 100
"""Copies per destination and run; after an outage the next runs send the rest."""


@dataclass(frozen=True, slots=True)
class PublishCheckpoints:
    """Sends each destination every checkpoint after the last it received, or, if that is unknown, the newest.

    The newest covers all earlier ones, because their digests are chained. `published` is called with the name of
    the destination and the number of the last copy it has.
    """

    checkpoints: Checkpoints
    destinations: Sequence[CheckpointDestination]
    published: Callable[[str, int], None]

    async def __call__(self, *, by: Actor) -> Sequence[str]:
        """Publish what is missing, and return one message per destination that failed."""
        by.require(Permission.VERIFY_AUDIT_TRAIL)
        failures = []
        for destination in self.destinations:
            try:
                await self._publish_to(destination)
            except PublicationFailed as fault:
                failures.append(f"{destination.name}: {fault}")
        return failures

    async def _publish_to(self, destination: CheckpointDestination) -> None:
        newest = await self.checkpoints.last()
        last = await destination.last()
        number = newest.checkpoint.number if newest else 0
        if last is not None and last > number:
            raise PublicationFailed(
                f"checkpoint {last} was published, but the database ends at checkpoint {number}: records were "
                "removed or an old backup was restored. Run `scoring audit verify --since` with what was published"
            )
        if last is not None:
            self.published(destination.name, last)
        after = number - 1 if last is None else last
        count = 0
        async for signed in self.checkpoints.all(after=max(after, 0)):
            await destination.publish(CheckpointCopy.of(signed))
            self.published(destination.name, signed.checkpoint.number)
            count += 1
            if count == MAX_PER_RUN:
                return
