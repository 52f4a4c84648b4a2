"""Make and revoke the links by which applicants see their application."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from application.ports.decisions.idempotency import Claim, IdempotencyKey
from application.ports.operations.clock import Clock
from application.ports.operations.identifiers import Identifiers
from application.ports.reconsiderations.link_tokens import LinkTokens
from application.ports.reconsiderations.reconsiderations import (
    ReconsiderationChange,
    ReconsiderationConflict,
    Reconsiderations,
)
from application.use_cases.applications.read_applications import FindApplication
from domain.access.user import Actor, Permission
from domain.reconsiderations.applicant_link import ApplicantLink
from domain.reconsiderations.reconsideration_action import LinkMade, ReconsiderationAction
from domain.reconsiderations.reconsideration_file import ReconsiderationFile

ATTEMPTS = 3
"""How often a change is tried if others change the application's requests at the same time."""


@dataclass(frozen=True, slots=True)
class MadeLink:
    """A link with its address, or None where the applicant's page has no public address."""

    link: ApplicantLink
    address: str | None
    replayed: bool = False


@dataclass(frozen=True, slots=True)
class LinkTerms:
    """The public address of the web interface as applicants reach it, if it is known, and how long links last."""

    page_url: str | None
    lasts: timedelta = timedelta(days=60)


@dataclass(frozen=True, slots=True)
class MakeApplicantLink:
    """Makes a link. The address is computed from the service's secret key and not stored."""

    find: FindApplication
    store: Reconsiderations
    tokens: LinkTokens
    terms: LinkTerms
    clock: Clock
    identifiers: Identifiers

    async def __call__(self, application_id: UUID, *, by: Actor, key: IdempotencyKey | None = None) -> MadeLink:
        """The link; under the same key again, the same one.

        Raises ApplicationNotFound, DecisionUnreadable, LinkRuleViolation, KeyReused and ReconsiderationConflict.
        """
        by.require(Permission.MAKE_APPLICANT_LINKS)
        present = await self.find(application_id, by=by)
        first = present.stored.application_id
        request = {"application": str(first)}
        claim = None if key is None else Claim.of(key, by=by, operation="make a link", request=request)
        link_id = self.identifiers.new()

        def act(file: ReconsiderationFile) -> ReconsiderationAction:
            now = self.clock.now()
            expires_at = (now + self.terms.lasts).replace(microsecond=0)
            details = LinkMade(link_id, present.stored.decision_ids[-1], expires_at)
            return file.make_link(details, by=by, at=now, action_id=link_id)

        recorded = await record(self.store, first, act, claim)
        file = await self.store.file_of(first)
        return self._made(file.link(recorded), replayed=recorded != link_id)

    def _made(self, link: ApplicantLink, *, replayed: bool) -> MadeLink:
        base = self.terms.page_url
        token = self.tokens.sign(link.link_id, link.expires_at)
        return MadeLink(link, None if base is None else f"{base}/applicant/{token}", replayed)


@dataclass(frozen=True, slots=True)
class RevokeApplicantLink:
    """Revokes a link at once."""

    find: FindApplication
    store: Reconsiderations
    clock: Clock
    identifiers: Identifiers

    async def __call__(self, application_id: UUID, link_id: UUID, *, by: Actor) -> ApplicantLink:
        """The revoked link; one that is revoked already stays as it is.

        Raises ApplicationNotFound, DecisionUnreadable, ReconsiderationNotFound and ReconsiderationConflict.
        """
        by.require(Permission.MAKE_APPLICANT_LINKS)
        first = (await self.find(application_id, by=by)).stored.application_id
        link = (await self.store.file_of(first)).link(link_id)
        if link.revoked_at is not None:
            return link

        def act(file: ReconsiderationFile) -> ReconsiderationAction:
            return file.revoke_link(link_id, by=by, at=self.clock.now(), action_id=self.identifiers.new())

        await record(self.store, first, act)
        return (await self.store.file_of(first)).link(link_id)


async def record(
    store: Reconsiderations,
    application_id: UUID,
    act: Callable[[ReconsiderationFile], ReconsiderationAction],
    claim: Claim | None = None,
) -> UUID:
    """Record what `act` makes of the file; returns the identifier of the action, or of an earlier one."""
    attempts = ATTEMPTS
    while True:
        file = await store.file_of(application_id)
        first = None if claim is None else await store.under(claim)
        if first is not None:
            return first
        action = act(file)
        try:
            return await store.append(ReconsiderationChange(action, file.after(action)), claim)
        except ReconsiderationConflict:
            attempts -= 1
            if not attempts:
                raise
