"""Links and requests of applicants in responses."""

from typing import Annotated, Literal
from uuid import UUID

from msgspec import Meta, Struct

from entrypoints.api.http.responses import Timestamp

_Person = Annotated[str | None, Meta(description="Null for callers that see their own applications only.")]


class ApplicantLinkResponse(Struct, frozen=True):
    """A link by which the applicant sees the application, without a login."""

    link_id: UUID
    application_id: UUID
    made_at: Timestamp
    made_by: _Person
    expires_at: Annotated[Timestamp, Meta(description="Exclusive, UTC.")]
    revoked_at: Timestamp | None
    valid: Annotated[bool, Meta(description="Whether it opens the application now.")]


class MadeLinkResponse(Struct, frozen=True):
    """A new link with its address, which is a secret of the applicant and is not shown again."""

    link: ApplicantLinkResponse
    address: Annotated[
        str | None,
        Meta(
            description="Give it to the applicant and to nobody else. Null where SCORING_APPLICANT_PAGE_URL, the "
            "public address of the web interface, is not set.",
        ),
    ]


class ApplicantLinkList(Struct, frozen=True):
    """The links of an application, the last one first."""

    application_id: UUID
    links: tuple[ApplicantLinkResponse, ...]


class AnswerResponse(Struct, frozen=True):
    """The answer to a request."""

    state: Annotated[
        Literal["upheld", "overturned", "closed"],
        Meta(description="`closed` without an answer, because the application was withdrawn."),
    ]
    reason: Literal["correction_accepted", "reviewed", "decided_again", "no_information", "withdrawn"]
    decision_id: Annotated[UUID, Meta(description="The application's newest decision then.")]
    answered_at: Timestamp
    answered_by: _Person


class ReconsiderationResponse(Struct, frozen=True):
    """What an applicant asked for. `stated` and `text` are null if they were erased."""

    reconsideration_id: UUID
    application_id: UUID
    decision_id: Annotated[UUID, Meta(description="The decision that is to be reconsidered.")]
    case_id: Annotated[UUID, Meta(description="The case in which people work on it.")]
    kind: Literal["correction", "human_review"]
    state: Literal["open", "upheld", "overturned", "closed"]
    requested_at: Timestamp
    due_at: Timestamp
    overdue: bool
    fields: Annotated[tuple[str, ...], Meta(description="The fields that the applicant corrects.")]
    stated: Annotated[
        dict[str, float | int | str | None] | None, Meta(description="The values that the applicant states.")
    ]
    text: Annotated[str | None, Meta(description="What the applicant wrote; it may be empty.")]
    answer: AnswerResponse | None


class ReconsiderationList(Struct, frozen=True):
    """The requests on an application, the last one first."""

    application_id: UUID
    reconsiderations: tuple[ReconsiderationResponse, ...]


class CorrectionAccepted(Struct, frozen=True):
    """A request whose correction was accepted, and the decision that was made with it.

    The request is open as long as that decision waits for a person.
    """

    decision_id: UUID
    reconsideration: ReconsiderationResponse
