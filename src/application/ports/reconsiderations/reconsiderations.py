"""The store of applicants' links and requests, and of the actions from which they follow."""

from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

from application.ports.cases.cases import CaseChange
from application.ports.decisions.idempotency import Claim
from domain.reconsiderations.applicant_link import ApplicantLink
from domain.reconsiderations.reconsideration import Reconsideration
from domain.reconsiderations.reconsideration_action import ReconsiderationAction
from domain.reconsiderations.reconsideration_file import ReconsiderationFile
from domain.reconsiderations.request_content import RequestContent


class ReconsiderationConflict(Exception):
    """The application's links, requests or case were changed at the same time. Nothing was recorded."""


class ReconsiderationUnreadable(Exception):
    """An action is recorded, but its document cannot be read."""


@dataclass(frozen=True, slots=True)
class ReconsiderationChange:
    """An action with the file after it, and what is recorded with it.

    A request has its content, and the changes of the case that is to answer it: an opened review first.
    """

    action: ReconsiderationAction
    after: ReconsiderationFile
    content: RequestContent | None = None
    cases: tuple[CaseChange, ...] = ()


class Reconsiderations(Protocol):
    """Stores links and requests; raises DependencyUnavailable if the storage does not answer."""

    @abstractmethod
    async def find_link(self, link_id: UUID) -> ApplicantLink | None:
        """The link with this identifier, if there is one."""

    @abstractmethod
    async def file_of(self, application_id: UUID) -> ReconsiderationFile:
        """All links and requests of an application; raises ReconsiderationUnreadable."""

    @abstractmethod
    async def content_of(self, request: Reconsideration) -> RequestContent | None:
        """What the applicant wrote; None where it was erased or is not what was recorded."""

    @abstractmethod
    async def of_case(self, case_id: UUID) -> Reconsideration | None:
        """The request that a case is to answer, if there is one; raises ReconsiderationUnreadable."""

    @abstractmethod
    async def under(self, claim: Claim) -> UUID | None:
        """The action that was recorded under the claim, if there is one; raises KeyReused."""

    @abstractmethod
    async def append(self, change: ReconsiderationChange, claim: Claim | None = None) -> UUID:
        """Record an action with its audit entry; durable when this returns. The identifier of the action.

        Where the claim was used for the same request before, nothing is recorded, and the identifier is that of
        the first action. Raises ReconsiderationConflict unless the stored file is the one before the action and
        the cases are those before their changes, and KeyReused.
        """

    @abstractmethod
    async def answerable(self, *, limit: int) -> Sequence[UUID]:
        """The applications with an open request whose case is finished."""
