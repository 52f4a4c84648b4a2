"""Submit a batch: a file of loan applications for a worker to decide."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass

from application.ports.batches.batch_content import BatchContent
from application.ports.batches.batches import Batches
from application.ports.decisions.idempotency import Claim, IdempotencyKey
from application.ports.operations.clock import Clock
from application.ports.operations.identifiers import Identifiers
from application.use_cases.audit.event_factory import EventFactory
from domain.access.user import Actor, Permission
from domain.audit.event import Detail, EventKind, RecordedEvent
from domain.batches.batch import Batch
from domain.batches.file_conventions import AS_DEFINED, FileConventions
from domain.batches.kept_columns import kept_columns
from domain.webhooks.webhook_url import InvalidWebhookUrl, WebhookUrl

OPERATION = "submit a batch"


@dataclass(frozen=True, slots=True)
class Submitted:
    """The batch; `again` is True if it was submitted before with the same key."""

    batch: Batch
    again: bool


@dataclass(frozen=True, slots=True)
class SubmitBatch:
    """Queues a file on behalf of the actor.

    A webhook must use HTTPS unless `plain_webhooks` is True.
    """

    batches: Batches
    clock: Clock
    identifiers: Identifiers
    plain_webhooks: bool = False

    async def __call__(
        self,
        content: AsyncIterator[bytes],
        *,
        name: str,
        by: Actor,
        webhook_url: str | None = None,
        conventions: FileConventions = AS_DEFINED,
        trial: bool = False,
        keep: Sequence[str] = (),
        key: IdempotencyKey | None = None,
    ) -> Submitted:
        """Queue the batch durably and return it, or the earlier batch if the key was used for the same request.

        Raises PermissionDenied, InvalidWebhookUrl and InvalidKeptColumns before any of the content is read,
        BatchTooLarge, BatchEmpty, KeyReused, BatchQuotaExceeded and TooManyUploads.
        """
        by.require(Permission.SUBMIT_BATCHES)
        url = None if webhook_url is None else self._checked(WebhookUrl(webhook_url))
        batch = Batch(
            self.identifiers.new(),
            name,
            self.clock.now(),
            by,
            webhook_url=url,
            conventions=conventions,
            trial=trial,
            keep=kept_columns(keep),
        )

        claim_on = None if key is None else _Claiming(key, by)
        accepted = await self.batches.accept(batch, BatchContent(content), claim_on, self._event_of)
        return Submitted(accepted, again=accepted.batch_id != batch.batch_id)

    def _event_of(self, queued: Batch) -> RecordedEvent:
        details: dict[str, Detail] = {
            "batch": str(queued.batch_id),
            "name": queued.name,
            "bytes": queued.size,
            "sha256": queued.digest.hex(),
            **queued.conventions.texts,
            **_options(queued),
        }
        new_event = EventFactory(self.clock, self.identifiers)
        return new_event(EventKind.BATCH_SUBMITTED, queued.requested_by.name, details)

    def _checked(self, url: WebhookUrl) -> str:
        if not url.safe and not self.plain_webhooks:
            raise InvalidWebhookUrl("it must begin with https://")
        return url.text


@dataclass(frozen=True, slots=True)
class _Claiming:
    """Creates the claim on a submission: its content, name and webhook."""

    key: IdempotencyKey
    by: Actor

    def __call__(self, batch: Batch) -> Claim:
        request: dict[str, Detail] = {
            "name": batch.name,
            "webhook_url": batch.webhook_url,
            "content": batch.digest.hex(),
        }
        request |= batch.conventions.texts | _options(batch)
        return Claim.of(self.key, by=self.by, operation=OPERATION, request=request)


def _options(batch: Batch) -> dict[str, Detail]:
    """What distinguishes the batch from one that states nothing, for its event and its claim."""
    stated: dict[str, Detail] = {}
    if batch.trial:
        stated["trial"] = "yes"
    if batch.keep:
        stated["keep"] = ", ".join(batch.keep)
    return stated
