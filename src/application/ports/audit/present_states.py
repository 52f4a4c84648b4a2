"""The stored states of cases, applications, notices and loans with what they follow from, for verification."""

from abc import abstractmethod
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from domain.cases.case_action import CaseAction
from domain.cases.referral_case import ReferralCase
from domain.decisions.decision_record import DecisionRecord
from domain.notices.notice import Notice
from domain.notices.notice_action import NoticeAction
from domain.notices.opening import AdverseEvent


@dataclass(frozen=True, slots=True)
class StoredCase:
    """A case as it is stored, its decision, its actions, and whether it has a final decision.

    `case` is None if there is no row, and `record` if the decision is not stored. If something cannot be read,
    `problem` says what.
    """

    case_id: UUID
    decision_id: UUID
    case: ReferralCase | None
    record: DecisionRecord | None
    actions: tuple[CaseAction, ...] = ()
    has_final_decision: bool = False
    problem: str = ""


@dataclass(frozen=True, slots=True)
class ApplicationRow:
    """The state of an application: its newest decision, state, version and last change."""

    decision_id: UUID
    state: str
    version: int
    changed_at: datetime


@dataclass(frozen=True, slots=True)
class ComparedApplication:
    """An application's stored state, None without a row, and the one that actions and superseding lead to.

    `problem` says why its last action cannot be read.
    """

    application_id: UUID
    stored: ApplicationRow | None
    expected: ApplicationRow | None
    problem: str = ""


@dataclass(frozen=True, slots=True)
class StoredNotice:
    """A notice as it is stored, None if there is no row, its actions, and the digests of its letters' bytes.

    The digests are SHA-256 in hexadecimal, empty without a letter. `opening` is what made the notice due, None if
    nothing on record does; its owner is empty where the first decision was moved to an archive. `problem` says
    what cannot be read.
    """

    notice_id: UUID
    notice: Notice | None
    actions: tuple[NoticeAction, ...] = ()
    html_sha256: str = ""
    pdf_sha256: str = ""
    opening: AdverseEvent | None = None
    problem: str = ""


@dataclass(frozen=True, slots=True)
class ComparedRow:
    """A stored row that repeats what a decision states, where it is not the expected one.

    `name` says what the row is. `stored` is None if it is missing, and `expected` if the decision states none. A
    decision that is not `recorded` is not in the database.
    """

    name: str
    decision_id: UUID
    stored: Mapping[str, object] | None
    expected: Mapping[str, object] | None
    recorded: bool = True


@dataclass(frozen=True, slots=True)
class ComparedLoan:
    """A loan's stored state, None without a row, and the one that its decision and outcomes lead to, by name.

    `problem` says why its outcomes cannot be read.
    """

    application_id: UUID
    stored: Mapping[str, object] | None
    expected: Mapping[str, object] | None
    problem: str = ""


RowKey = tuple[str, UUID]
"""What a row is ("link", "request"), and its identifier."""


@dataclass(frozen=True, slots=True)
class ComparedRequests:
    """The rows of an applicant's links and requests on an application, and those that the actions lead to.

    `problem` says why the actions cannot be read.
    """

    application_id: UUID
    stored: Mapping[RowKey, Mapping[str, object]]
    expected: Mapping[RowKey, Mapping[str, object]]
    problem: str = ""


class PresentStates(Protocol):
    """Reads states, each with what it follows from as of the same moment. Raises DependencyUnavailable."""

    @abstractmethod
    def cases(self, *, since: datetime | None = None) -> AsyncIterator[StoredCase]:
        """The cases, and those that decisions or actions say should exist.

        With `since`, those opened or changed since then, and all unfinished ones.
        """

    @abstractmethod
    def applications(self) -> AsyncIterator[ComparedApplication]:
        """The applications on which something happened after their first decision."""

    @abstractmethod
    def notices(self, *, since: datetime | None = None) -> AsyncIterator[StoredNotice]:
        """The notices, and those that actions say should exist. With `since`, those changed since then."""

    @abstractmethod
    def differing_rows(self, *, since: datetime | None = None) -> AsyncIterator[ComparedRow]:
        """The rows about superseding, references and applicants' histories that differ from the decisions.

        With `since`, those of decisions made since then.
        """

    @abstractmethod
    def loans(self, *, since: datetime | None = None) -> AsyncIterator[ComparedLoan]:
        """The loans with a stored state or outcomes. With `since`, those changed since then."""

    @abstractmethod
    def requests(self, *, since: datetime | None = None) -> AsyncIterator[ComparedRequests]:
        """The applications with links or requests of the applicant.

        With `since`, those of which only older actions are left may be missing.
        """
