"""Requests and responses on outcomes of loans and their import."""

from datetime import date
from typing import Annotated, Literal
from uuid import UUID

from msgspec import Meta, Struct

from domain.outcomes.loan_outcome import LONGEST_REASON, MOST_DAYS_PAST_DUE
from entrypoints.api.http.responses import Synthetic, Timestamp

LARGEST_AMOUNT = 1e9
LoanStatusText = Annotated[
    Literal["booked", "performing", "late", "defaulted", "charged_off", "paid", "prepaid"],
    Meta(description="The last three close the loan."),
]
LabelText = Annotated[
    Literal["default", "no_default", "immature"],
    Meta(
        description="`default` if the loan was ever in default, charged off, or 120 days past due. Otherwise "
        "`no_default` if it is closed or was reported 12 months after booking, and `immature` before that."
    ),
]
_GivenAmount = Annotated[float, Meta(ge=0, le=LARGEST_AMOUNT, description="In dollars.")]
_Amount = Annotated[float | None, Meta(description="In dollars; null if not stated.")]
_DaysPastDue = Annotated[
    int, Meta(ge=1, le=MOST_DAYS_PAST_DUE, description="Required for `late`, possible for `defaulted`.")
]


class LoanOutcomeBody(Struct, frozen=True, omit_defaults=True):
    """What became of a loan by the end of a day."""

    status: LoanStatusText
    as_of: Annotated[date, Meta(description="The day of the status, not in the future.")]
    booked_on: (
        Annotated[date, Meta(description="The day on which the loan was paid out. Required in the first outcome.")]
        | None
    ) = None
    days_past_due: _DaysPastDue | None = None
    outstanding: Annotated[_GivenAmount, Meta(description="Principal owed, in dollars.")] | None = None
    paid: Annotated[_GivenAmount, Meta(description="Everything received so far, in dollars.")] | None = None
    charged_off: Annotated[_GivenAmount, Meta(description="What was written off, in dollars.")] | None = None
    recovered: Annotated[_GivenAmount, Meta(description="Received after the default, in dollars.")] | None = None
    corrects: (
        Annotated[UUID, Meta(description="The outcome that this one replaces; it stays in the history.")] | None
    ) = None
    reason: Annotated[
        str, Meta(max_length=LONGEST_REASON, description="Why a recorded outcome is corrected. Required then.")
    ] = ""


class LoanOutcomeResponse(Struct, frozen=True):
    """A recorded outcome, which never changes."""

    outcome_id: UUID
    application_id: UUID
    number: Annotated[int, Meta(description="Counts the outcomes of the loan from 1.")]
    status: LoanStatusText
    as_of: date
    booked_on: date
    days_past_due: int | None
    outstanding: _Amount
    paid: _Amount
    charged_off: _Amount
    recovered: _Amount
    corrects: Annotated[UUID | None, Meta(description="The outcome that this one replaces.")]
    corrected_by: Annotated[UUID | None, Meta(description="The outcome that replaces this one.")]
    reason: str
    recorded_at: Timestamp
    recorded_by: Annotated[str, Meta(description="The user who recorded it.")]


class LoanResponse(Struct, frozen=True):
    """The loan of an accepted application; values are null without an outcome."""

    application_id: UUID
    decision_id: Annotated[UUID, Meta(description="The decision that led to the loan.")]
    amount: Annotated[float, Meta(description="Accepted, in dollars.")]
    status: LoanStatusText | None
    as_of: Annotated[date | None, Meta(description="The day of the status.")]
    booked_on: date | None
    closed_on: Annotated[date | None, Meta(description="The day as of which it was first reported closed.")]
    defaulted_on: Annotated[date | None, Meta(description="The day as of which it was first in default.")]
    matures_on: Annotated[date | None, Meta(description="The day on which it is 12 months on book.")]
    label: LabelText
    probability_of_default: Annotated[float, Meta(description="That of the decision.")]
    synthetic: Synthetic
    outcomes: Annotated[list[LoanOutcomeResponse], Meta(description="Every outcome, in order of recording.")]
    etag: Annotated[str, Meta(description="The header `ETag`: changes with every outcome.")]


class RecordedOutcomeResponse(Struct, frozen=True):
    """An outcome after it was recorded, and its loan."""

    outcome: LoanOutcomeResponse
    repeated: Annotated[
        bool, Meta(description="Whether the same was recorded before, so that nothing was recorded now.")
    ]
    loan: LoanResponse


class ImportProgressResponse(Struct, frozen=True):
    """The progress of an import; `rows_read` is the sum of `recorded`, `repeated` and `refused`."""

    share_done: Annotated[float, Meta(description="Share of the file processed, 0 to 1.")]
    rows_read: int
    recorded: int
    repeated: Annotated[int, Meta(description="Rows that state what was recorded before.")]
    refused: Annotated[int, Meta(description="Rows with an error; see the import's errors.")]


class OutcomeImportResponse(Struct, frozen=True):
    """A file of outcomes and how far its import is."""

    import_id: UUID
    name: str
    state: Annotated[
        Literal["queued", "running", "done", "failed"],
        Meta(description="The last two are final. Recorded outcomes stay in each of them."),
    ]
    progress: ImportProgressResponse
    as_of: Annotated[date | None, Meta(description="The day of rows that state none.")]
    submitted_at: Annotated[Timestamp, Meta(description="When the upload finished, UTC.")]
    started_at: Annotated[Timestamp | None, Meta(description="When a worker first started it, UTC.")]
    finished_at: Annotated[Timestamp | None, Meta(description="When it reached a final state, UTC.")]
    requested_by: Annotated[str, Meta(description="The user who submitted it.")]
    size: Annotated[int, Meta(description="Size of the uploaded file in bytes.")]
    sha256: Annotated[str, Meta(description="SHA-256 of the uploaded file, hexadecimal.")]
    fault: Annotated[str | None, Meta(description="Why the import failed, and what to do.")]


class OutcomeImportList(Struct, frozen=True):
    """A page of imports, newest first."""

    imports: list[OutcomeImportResponse]
    next_cursor: Annotated[UUID | None, Meta(description="The cursor of the next page; null on the last.")]
