"""The archive of recorded decisions."""

from abc import abstractmethod
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol
from uuid import UUID

from domain.decisions.decision_record import DecisionRecord
from domain.decisions.unreadable_decision import UnreadableDecision
from domain.policies.final_outcome import FinalOutcome
from domain.policies.outcome import Outcome


class DecisionSort(StrEnum):
    """The order of decisions. Of equal amounts and PDs, the newest is first in a descending order."""

    NEWEST = "newest"
    OLDEST = "oldest"
    AMOUNT = "amount"
    """The largest first."""
    AMOUNT_ASCENDING = "amount_ascending"
    PD = "pd"
    """The highest first."""
    PD_ASCENDING = "pd_ascending"


class FinalOutcomeFilter(StrEnum):
    """A final outcome to look for: a person's if a person decided, else the system's."""

    APPROVED = "approved"
    DECLINED = "declined"
    COUNTER_OFFER = "counter_offer"
    UNDECIDED = "undecided"
    """Referred, and not decided by a person."""


@dataclass(frozen=True, slots=True)
class DecisionFilter:
    """Criteria for decisions, and their order; None means any. Times are in UTC.

    `outcome` is what the system decided.

    `until` and `below_pd` are exclusive.

    `text` matches the start of the identifier or of a reference, or a part of the requesting user's name or of the
    loan purpose, ignoring case; the words of the purpose may be separated by spaces. Every other text must be
    equal. `channel` is the caller's own; `received_through` is how the application arrived.
    """

    outcome: Outcome | None = None
    final_outcome: FinalOutcomeFilter | None = None
    since: datetime | None = None
    until: datetime | None = None
    minimum_amount: float | None = None
    maximum_amount: float | None = None
    minimum_pd: float | None = None
    below_pd: float | None = None
    grade: str | None = None
    requested_by: str | None = None
    text: str | None = None
    application_reference: str | None = None
    applicant_reference: str | None = None
    source: str | None = None
    channel: str | None = None
    received_through: str | None = None
    model_version: str | None = None
    policy_version: str | None = None
    trial: bool | None = None
    sort: DecisionSort = DecisionSort.NEWEST

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
    """A page of decisions in the order asked for; `next_cursor` requests the next page and is None on the last.

    `total` is the number of matches on all pages; MAX_COUNTED means that many or more. `final_outcomes` are what
    people decided last, for the decisions of the page that they decided.
    """

    records: tuple[DecisionRecord | UnreadableDecision, ...]
    next_cursor: str | None
    total: int
    final_outcomes: Mapping[UUID, FinalOutcome] = field(default_factory=dict)


class InvalidCursor(ValueError):
    """The cursor was not created by this archive, or for another order."""


class DecisionArchive(Protocol):
    """Finds recorded decisions; raises DependencyUnavailable if the storage does not answer."""

    @abstractmethod
    async def find(self, decision_id: UUID) -> DecisionRecord | UnreadableDecision | None:
        """The decision with this identifier, if there is one."""

    @abstractmethod
    async def page(
        self, wanted: DecisionFilter, *, limit: int, cursor: str | None = None, owner: str | None = None
    ) -> DecisionPage:
        """At most `limit` decisions from the cursor, in the order of the filter.

        With an owner, only decisions requested by this user are found and counted.
        """
