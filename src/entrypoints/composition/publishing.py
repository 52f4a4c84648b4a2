"""Publishing checkpoints where the settings name a file or an address."""

import logging

from adapters.messaging.checkpoint_file import CheckpointFile
from adapters.messaging.signatures import CHECKPOINTS
from adapters.observability.observability import Observability
from adapters.system import SystemClock
from application.ports.audit.checkpoint_destination import CheckpointDestination
from application.ports.audit.checkpoints import Checkpoints
from application.use_cases.audit.publish_checkpoints import PublishCheckpoints
from domain.access.user import Actor
from entrypoints.composition.secrets import recipient_secrets
from entrypoints.configuration.settings import Settings

_log = logging.getLogger(__name__)


class PublishCheckpointsTask:
    """The periodic task; what fails is logged, and tried again the next time."""

    def __init__(self, publish: PublishCheckpoints, by: Actor) -> None:
        self._publish = publish
        self._by = by

    async def __call__(self, last: bool) -> None:  # noqa: ARG002 - how periodic tasks are called
        """Publish; raises DependencyUnavailable where the database does not answer."""
        for failure in await self._publish(by=self._by):
            _log.error("checkpoints were not published to the %s; trying again in a minute", failure)


def checkpoint_publisher(
    settings: Settings, checkpoints: Checkpoints, observability: Observability
) -> PublishCheckpoints:
    """The publisher to what the settings name; it does nothing where they name nothing."""
    destinations: list[CheckpointDestination] = []
    if settings.checkpoint_file is not None:
        destinations.append(CheckpointFile(settings.checkpoint_file))
    if settings.checkpoint_webhook_url is not None:
        # aiohttp takes 0.2 s to import: only for those who publish so
        from adapters.messaging.checkpoint_webhook import CheckpointWebhook  # noqa: PLC0415 - see above
        from adapters.messaging.webhook_messenger import WebhookMessenger  # noqa: PLC0415 - see above

        # The address is the operator's own, so it may be a private one.
        messenger = WebhookMessenger(recipient_secrets(settings), anywhere=True)
        destinations.append(CheckpointWebhook(messenger, settings.checkpoint_webhook_url, SystemClock()))
    return PublishCheckpoints(checkpoints, destinations, observability.metrics.checkpoint_published)


def checkpoint_webhook_secret(settings: Settings) -> str:
    """What the webhooks with checkpoints are signed with."""
    return recipient_secrets(settings).secret_of(CHECKPOINTS)
