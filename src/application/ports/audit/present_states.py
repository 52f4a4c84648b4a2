"""The stored states of cases and applications with what they follow from, for verification."""

from abc import abstractmethod
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from domain.cases.case_action import CaseAction
from domain.cases.referral_case import ReferralCase
from domain.decisions.decision_record import DecisionRecord


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
