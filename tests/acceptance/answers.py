"""What a lender receives from the service, in the terms of the features."""

import csv
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from domain.month import Month


@dataclass(frozen=True)
class Answer:
    """A decision as returned, or as recorded. `alternative` is an amount in dollars and a term."""

    decision_id: UUID
    outcome: str
    confidence: str
    default_predicted: bool
    pd: float
    recommended: float
    reasons: tuple[str, ...]
    out_of_domain: tuple[str, ...]
    rule_reasons: tuple[str, ...]
    score_reasons: tuple[str, ...]
    stability: float | None
    alternative: tuple[float, str] | None
    model: str
    policy: str
    grade: str
    replayed: bool = False


@dataclass(frozen=True)
class WhatIfAnswer:
    """What would be decided."""

    outcome: str
    pd: float
    recommended: float
    reasons: tuple[str, ...]


@dataclass(frozen=True)
class Submission:
    """The response to an application, or the rule that refused it and the decision that the refusal names."""

    answer: Answer | None
    refusal: str = ""
    named: UUID | None = None


@dataclass(frozen=True)
class CounterfactualAnswer:
    """Whether the application was approved; otherwise the options for approval, as new values by field."""

    approved: bool
    options: tuple[dict[str, Any], ...]


@dataclass(frozen=True)
class RecordedDecision:
    """A recorded decision and the user who requested it."""

    answer: Answer
    requested_by: str


@dataclass(frozen=True)
class OverviewData:
    """The figures of an overview; `outcomes` are approved, referred, declined.

    `decisions_before` is the number of decisions in the period before.
    """

    as_of: datetime
    decisions: int
    outcomes: tuple[int, int, int]
    trend_total: int
    requested: float
    mean_pd: float | None
    reasons: dict[str, int]
    by_policy: dict[str, int]
    decisions_before: int | None


@dataclass(frozen=True)
class CaseDecisions:
    """What was decided on a case, and what the reader sees and may do before.

    `approving_needs` are the reasons for a second person; `counter_offers` the largest amounts with their terms.
    """

    score_shown: bool
    approving_needs: tuple[str, ...]
    counter_offers: tuple[tuple[float, int], ...]
    conditions: tuple[str, ...]
    outcome: str | None
    override: str | None
    maker: str | None
    checker: str | None
    amount: float | None
    term: int | None


@dataclass(frozen=True)
class ReconsiderationAnswer:
    """A request of an applicant: its kind, its state, its case, and who answered it."""

    reconsideration_id: UUID
    case_id: UUID
    kind: str
    state: str
    answered_by: str | None


@dataclass(frozen=True)
class CaseAnswer:
    """A referral case as people see it; notes are pairs of author and text."""

    state: str
    version: int
    assignee: str | None
    opened_at: datetime
    due_at: datetime
    breached: bool
    notes: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class LetterAnswer:
    """The letter of a notice that is due, or what it cannot be made without."""

    html: str
    missing: tuple[str, ...] = ()


@dataclass(frozen=True)
class NoticeAnswer:
    """A notice as people see it; `cancelled` is why."""

    notice_id: UUID
    kind: str
    state: str
    version: int
    due_at: datetime
    overdue: bool
    cancelled: str = ""


@dataclass(frozen=True)
class FinalAnswer:
    """The final outcome of a decision, the system's outcome, and the person who decided, as a reader sees them."""

    outcome: str | None
    of_system: str
    maker: str | None


@dataclass(frozen=True)
class OverridesAnswer:
    """Final decisions by type: agreed, low-side, high-side, policy exception.

    `officers` are the overrides and all decisions of each; `refused` are second approvals, `disagreed` quality
    reviews.
    """

    counts: tuple[int, int, int, int]
    officers: dict[str, tuple[int, int]]
    refused: int
    disagreed: tuple[int, int]


@dataclass(frozen=True)
class LoanAnswer:
    """What became of a loan: its status, whether it defaulted (None if not known yet), and its outcomes."""

    status: str | None
    default: bool | None
    outcome_ids: tuple[UUID, ...]


@dataclass(frozen=True)
class VintageAnswer:
    """The loans booked in a month; `interval` is that of the observed default."""

    month: Month
    loans: int
    immature: int
    defaults: int
    complete: bool
    expected: float | None
    observed: float | None
    interval: tuple[float, float] | None


@dataclass(frozen=True)
class ImportAnswer:
    """What the import of a file of outcomes did, and why rows were refused, by their numbers."""

    recorded: int
    repeated: int
    refused: int
    errors: dict[int, str]

    @classmethod
    def of(cls, counts: tuple[int, int, int], lines: str) -> "ImportAnswer":
        """The answer with errors in CSV."""
        return cls(*counts, {int(row["row"]): row["why"] for row in csv.DictReader(lines.splitlines())})
