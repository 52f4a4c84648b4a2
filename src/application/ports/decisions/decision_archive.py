"""The archive of recorded decisions."""

from abc import abstractmethod
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from domain.decisions.decision_record import DecisionRecord
from domain.decisions.unreadable_decision import UnreadableDecision
from domain.policies.outcome import Outcome


@dataclass(frozen=True, slots=True)
class DecisionFilter:
    """Criteria for decisions; None means any. Times are in UTC, `since` inclusive and `until` exclusive.

    `text` matches the start of the identifier, or a part of the requesting user's name or of the loan purpose,
    ignoring case; the words of the purpose may be separated by spaces.
    """

    outcome: Outcome | None = None
    since: datetime | None = None
    until: datetime | None = None
    minimum_amount: float | None = None
    maximum_amount: float | None = None
    grade: str | None = None
    requested_by: str | None = None
    text: str | None = None

    def purposes_among(self, known: Collection[str]) -> frozenset[str]:
        """The purposes that contain `text`; none without text."""
        if self.text is None:
            return frozenset()
        part = self.text.lower().replace(" ", "_")
        return frozenset(purpose for purpose in known if part in purpose.lower())


MAX_COUNTED = 10_000
"""The archive stops counting here, because counting further would cost more than reading the page."""


@dataclass(frozen=True, slots=True)
class DecisionPage:
    """A page of decisions, newest first; `next_cursor` requests the next page and is None on the last.

    `total` is the number of matches on all pages; MAX_COUNTED means that many or more.
    """

    records: tuple[DecisionRecord | UnreadableDecision, ...]
    next_cursor: str | None
    total: int


class InvalidCursor(ValueError):
    """The cursor was not created by this archive."""


class DecisionArchive(Protocol):
    """Finds recorded decisions; raises DependencyUnavailable if the storage does not answer."""

    @abstractmethod
    async def find(self, decision_id: UUID) -> DecisionRecord | UnreadableDecision | None:
        """The decision with this identifier, if there is one."""

    @abstractmethod
    async def page(
        self, wanted: DecisionFilter, *, limit: int, cursor: str | None = None, owner: str | None = None
    ) -> DecisionPage:
        """At most `limit` decisions from the cursor, newest first.

        With an owner, only decisions requested by this user are found and counted.
        """
