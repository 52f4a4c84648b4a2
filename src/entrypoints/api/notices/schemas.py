"""Requests and responses on notices to applicants."""

from datetime import date
from typing import Annotated, Any, Literal
from uuid import UUID

from msgspec import Meta, Struct

from domain.notices.issuing import LONGEST_TEXT
from entrypoints.api.http.responses import Synthetic, Timestamp

NoticeKindText = Literal["adverse_action", "counter_offer", "incomplete"]
_Method = Literal["mail", "email", "online", "in_person", "other"]
_CancellationText = Literal[
    "superseded",
    "overturned",
    "newer_decision",
    "withdrawn",
    "accepted",
    "not_awaited",
    "asked_in_time",
]


class AddresseeBody(Struct, frozen=True):
    """To whom a letter goes."""

    name: Annotated[str, Meta(max_length=200)]
    address: Annotated[list[str], Meta(description="The lines of the postal address.", max_length=8)] = []


class IssueBody(Struct, frozen=True):
    """How a letter is issued."""

    addressee: Annotated[
        AddresseeBody | None,
        Meta(description="Printed on the letter, and kept nowhere else. Without it you add the address yourself."),
    ] = None


class DeliveryBody(Struct, frozen=True):
    """How a letter was delivered, or that it came back."""

    method: _Method
    on: Annotated[date, Meta(description="The day in the lender's time zone, from the day of issue until today.")]
    returned: Annotated[bool, Meta(description="True if it did not reach the applicant.")] = False
    text: Annotated[str, Meta(description="A remark.", max_length=LONGEST_TEXT)] = ""


class NoticeResponse(Struct, frozen=True):
    """A notice in its present state."""

    notice_id: Annotated[UUID, Meta(description="That of the decision or the action that made it due.")]
    kind: NoticeKindText
    cause: Annotated[
        Literal["decision", "final_decision", "information_requested", "case_expired", "application_closed"],
        Meta(description="What made it due."),
    ]
    state: Literal["due", "issued", "delivered", "cancelled"]
    version: Annotated[int, Meta(description="The number of actions so far.")]
    etag: Annotated[str, Meta(description="The header `ETag`: identifies the version of the notice.")]
    decision_id: Annotated[UUID, Meta(description="The system's decision that it is about.")]
    application_id: UUID
    received_at: Annotated[
        Timestamp,
        Meta(description="From then on the days count: the complete application, or its closing."),
    ]
    due_at: Annotated[Timestamp, Meta(description="The end of the last day in the lender's time zone.")]
    overdue: Annotated[bool, Meta(description="Whether no delivery was recorded by then.")]
    requested_by: Annotated[str, Meta(description="The user who requested the application's first decision.")]
    application_reference: str | None
    applicant_reference: str | None
    source: str | None
    synthetic: Synthetic
    issued_at: Timestamp | None
    delivered_on: Annotated[date | None, Meta(description="The last day on which it was sent or handed over.")]
    returned_on: Annotated[date | None, Meta(description="The last day on which it came back.")]
    changed_at: Timestamp | None
    changed_by: str | None


class NoticeList(Struct, frozen=True):
    """A page of notices."""

    notices: list[NoticeResponse]
    next_cursor: Annotated[str | None, Meta(description="The cursor of the next page; null on the last.")]
    total: Annotated[int, Meta(description="The number of matches; 10000 means that many or more.")]


class NoticeActionResponse(Struct, frozen=True):
    """What was done with a notice, by whom and when."""

    number: int
    action_id: Annotated[UUID, Meta(description="The subject of the action's entry in the audit trail.")]
    at: Timestamp
    by: Annotated[str, Meta(description="The user, or system:service.")]
    role: str
    action: Annotated[str, Meta(examples=["notice issued", "notice delivered"])]
    details: Annotated[
        dict[str, Any],
        Meta(
            description="What is particular to this kind of action; of an issued letter its reasons and the "
            "SHA-256 of its bytes."
        ),
    ]


class NoticeDetail(Struct, frozen=True):
    """A notice with what was done."""

    notice: NoticeResponse
    actions: Annotated[list[NoticeActionResponse], Meta(description="Oldest first.")]
    ending: Annotated[
        _CancellationText | None,
        Meta(description="Why it is not owed any more, until it is cancelled within seconds."),
    ]
    withheld: Annotated[
        bool, Meta(description="Whether its reasons are withheld until the caller has entered an own view.")
    ]
