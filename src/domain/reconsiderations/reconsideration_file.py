"""All links and requests of one application, which follow from what was done."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import reduce
from types import MappingProxyType
from typing import Self
from uuid import UUID

from domain.access.user import APPLICANT, Actor
from domain.applications.application_state import ApplicationState
from domain.reconsiderations.applicant_link import ApplicantLink
from domain.reconsiderations.reconsideration import Answer, Reconsideration, ReconsiderationKind, Standing
from domain.reconsiderations.reconsideration_action import (
    Answered,
    Details,
    LinkMade,
    LinkRevoked,
    ReconsiderationAction,
    Requested,
)
from domain.reconsiderations.reconsideration_errors import (
    AlreadyAnswered,
    InvalidReconsiderationHistory,
    LinkRuleViolation,
    NothingToReconsider,
    ReconsiderationNotFound,
    RequestOpen,
    TooManyRequests,
)

MAX_REQUESTS = 5
"""Requests of one application, answered ones included."""
MAX_LINKS = 20
"""Valid links of one application."""
_BOTH = frozenset(ReconsiderationKind)
_POSSIBLE: Mapping[ApplicationState, frozenset[ReconsiderationKind]] = {
    ApplicationState.DECLINED: _BOTH,
    ApplicationState.COUNTER_OFFER: _BOTH,
    ApplicationState.REFERRED: frozenset({ReconsiderationKind.CORRECTION}),  # a person works on it already
}


def kinds_for(state: ApplicationState) -> frozenset[ReconsiderationKind]:
    """What an applicant can ask for while the application is in this state."""
    return _POSSIBLE.get(state, frozenset())


@dataclass(frozen=True, slots=True)
class ReconsiderationFile:
    """The links and requests of an application by their identifiers, in their order, after `version` actions."""

    application_id: UUID
    version: int = 0
    links: Mapping[UUID, ApplicantLink] = field(default_factory=lambda: MappingProxyType({}))
    requests: Mapping[UUID, Reconsideration] = field(default_factory=lambda: MappingProxyType({}))

    @classmethod
    def of(cls, application_id: UUID, actions: Iterable[ReconsiderationAction]) -> Self:
        """What follows from the actions, in their order; raises InvalidReconsiderationHistory."""
        return reduce(cls.after, actions, cls(application_id))

    @property
    def open_request(self) -> Reconsideration | None:
        """The request that waits for an answer."""
        return next((each for each in self.requests.values() if each.is_open), None)

    def link(self, link_id: UUID) -> ApplicantLink:
        """A link; raises ReconsiderationNotFound."""
        if link_id not in self.links:
            raise ReconsiderationNotFound(f"the application has no link {link_id}")
        return self.links[link_id]

    def request(self, reconsideration_id: UUID) -> Reconsideration:
        """A request; raises ReconsiderationNotFound."""
        if reconsideration_id not in self.requests:
            raise ReconsiderationNotFound(f"the application has no request {reconsideration_id}")
        return self.requests[reconsideration_id]

    def make_link(self, details: LinkMade, *, by: Actor, at: datetime, action_id: UUID) -> ReconsiderationAction:
        """The action that makes a link; raises LinkRuleViolation."""
        if details.expires_at <= at:
            raise LinkRuleViolation("a link must expire in the future")
        if sum(each.valid_at(at) for each in self.links.values()) >= MAX_LINKS:
            raise LinkRuleViolation(
                f"the application has {MAX_LINKS} valid links already: give the applicant one of them, or revoke "
                "those that are not needed"
            )
        return self._action(details, by, at, action_id)

    def revoke_link(self, link_id: UUID, *, by: Actor, at: datetime, action_id: UUID) -> ReconsiderationAction:
        """The action that revokes a link; raises ReconsiderationNotFound and LinkRuleViolation."""
        revoked_at = self.link(link_id).revoked_at
        if revoked_at is not None:
            raise LinkRuleViolation(f"the link was revoked at {revoked_at:%Y-%m-%d %H:%M:%S} UTC already")
        return self._action(LinkRevoked(link_id), by, at, action_id)

    def require_possible(self, kind: ReconsiderationKind, standing: Standing) -> None:
        """Raise a ReconsiderationError unless the applicant can ask for this now."""
        if (earlier := self.open_request) is not None:
            raise RequestOpen(
                f"a request of {earlier.requested_at:%Y-%m-%d} is not answered yet: it will be by "
                f"{earlier.due_at:%Y-%m-%d}"
            )
        if len(self.requests) >= MAX_REQUESTS:
            raise TooManyRequests(f"the application has had {MAX_REQUESTS} requests, which are the most")
        if kind not in kinds_for(standing.state):
            raise NothingToReconsider(f"the application is {standing.state.value}: {kind.value} is not possible")

    def ask(self, details: Requested, *, at: datetime, action_id: UUID) -> ReconsiderationAction:
        """The applicant's request; raises a ReconsiderationError if it is not possible."""
        self.require_possible(details.kind, details.before)
        return self._action(details, APPLICANT, at, action_id)

    def give_answer(
        self, reconsideration_id: UUID, answer: Answer, *, by: Actor, at: datetime, action_id: UUID
    ) -> ReconsiderationAction:
        """The answer to a request; raises ReconsiderationNotFound and AlreadyAnswered."""
        earlier = self.request(reconsideration_id)
        if not earlier.is_open:
            raise AlreadyAnswered(f"this request is answered: the decision was {earlier.state.value}")
        return self._action(Answered(reconsideration_id, answer), by, at, action_id)

    def after(self, action: ReconsiderationAction) -> Self:
        """The file after its next action; raises InvalidReconsiderationHistory."""
        if (action.application_id, action.number) != (self.application_id, self.version + 1):
            raise InvalidReconsiderationHistory(
                f"action {action.number} does not follow version {self.version} of this application"
            )
        links, requests = dict(self.links), dict(self.requests)
        try:
            match action.details:
                case LinkMade(link_id, decision_id, expires_at):
                    links[link_id] = ApplicantLink(
                        link_id, self.application_id, decision_id, action.at, action.actor.name, expires_at
                    )
                case LinkRevoked(link_id):
                    links[link_id] = links[link_id].revoked(action.at)
                case Requested():
                    made = _request(action, action.details)
                    requests[made.reconsideration_id] = made
                case Answered(reconsideration_id, answer):
                    given = requests[reconsideration_id]
                    requests[reconsideration_id] = given.answered(answer, by=action.actor.name, at=action.at)
        except KeyError as unknown:
            raise InvalidReconsiderationHistory(
                f"action {action.number} is about {unknown}, which is unknown"
            ) from None
        return replace(self, version=action.number, links=links, requests=requests)

    def _action(self, details: Details, by: Actor, at: datetime, action_id: UUID) -> ReconsiderationAction:
        return ReconsiderationAction(action_id, self.application_id, self.version + 1, at, by, details)


def _request(action: ReconsiderationAction, details: Requested) -> Reconsideration:
    return Reconsideration(
        reconsideration_id=details.reconsideration_id,
        application_id=action.application_id,
        decision_id=details.decision_id,
        case_id=details.case_id,
        kind=details.kind,
        fields=details.fields,
        before=details.before,
        requested_at=action.at,
        due_at=details.due_at,
        content_digest=details.content_digest,
    )
