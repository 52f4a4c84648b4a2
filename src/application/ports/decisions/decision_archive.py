"""The archive: decisions on record, to be found again."""

from abc import abstractmethod
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from domain.applications.loan_terms import Purpose
from domain.decisions.decision_record import DecisionRecord
from domain.policies.outcome import Outcome


@dataclass(frozen=True, slots=True)
class DecisionFilter:
    """Which decisions; what is None does not narrow. Times in UTC: `since` inclusive, `until` exclusive.

    `text` matches the start of a decision's identifier, or part of who asked or of the loan's purpose,
    in capitals or not; the purpose is also found as it reads on pages, with blanks between its words.
    """

    outcome: Outcome | None = None
    since: datetime | None = None
    until: datetime | None = None
    minimum_amount: float | None = None
    maximum_amount: float | None = None
    grade: str | None = None
    requested_by: str | None = None
    text: str | None = None

    @property
    def purposes(self) -> frozenset[Purpose]:
        """The purposes of which `text` is a part; none when there is no text."""
        if self.text is None:
            return frozenset()
        part = self.text.lower().replace(" ", "_")
        return frozenset(purpose for purpose in Purpose if part in purpose.value)


MAX_COUNTED = 10_000
"""How far an archive counts: further on, counting would cost more than the page."""


@dataclass(frozen=True, slots=True)
class DecisionPage:
    """One page, newest first; `next_cursor` leads on to the page behind it, and is None on the last.

    `total` says how many decisions match on all pages; `MAX_COUNTED` of them means that many or more.
    """

    records: tuple[DecisionRecord, ...]
    next_cursor: str | None
    total: int


class InvalidCursor(ValueError):
    """The cursor was not given out by this archive."""


class DecisionArchive(Protocol):
    """Finds decisions on record; raises DependencyUnavailable when the storage does not answer."""

    @abstractmethod
    async def find(self, decision_id: UUID) -> DecisionRecord | None:
        """The decision of this identifier, if there is one."""

    @abstractmethod
    async def page(
        self, wanted: DecisionFilter, *, limit: int, cursor: str | None = None, owner: str | None = None
    ) -> DecisionPage:
        """At most `limit` decisions, newest first, from the cursor on.

        With an owner, only decisions that the user of this name asked for are found and counted.
        """
