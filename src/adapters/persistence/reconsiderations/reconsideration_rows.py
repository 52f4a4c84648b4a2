"""Links and requests of applicants as rows."""

from collections.abc import Mapping
from typing import Any

from domain.reconsiderations.applicant_link import ApplicantLink
from domain.reconsiderations.reconsideration import Reconsideration

_LINK = ("link_id", "application_id", "decision_id", "made_at", "made_by", "expires_at", "revoked_at")
_REQUEST = (
    "reconsideration_id",
    "application_id",
    "decision_id",
    "case_id",
    "requested_at",
    "due_at",
    "answered_at",
)


def link_row(link: ApplicantLink) -> dict[str, Any]:
    """The values of the columns of a link, by their names."""
    return {name: getattr(link, name) for name in _LINK}


def to_link(row: Mapping[Any, Any]) -> ApplicantLink:
    """The link in a row."""
    return ApplicantLink(**{name: row[name] for name in _LINK})


def request_row(request: Reconsideration, *, version: int) -> dict[str, Any]:
    """The values of the columns of a request, by their names."""
    row = {name: getattr(request, name) for name in _REQUEST}
    return row | {"kind": request.kind.value, "state": request.state.value, "version": version}
