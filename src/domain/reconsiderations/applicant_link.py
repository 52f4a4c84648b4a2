"""The link by which an applicant, who has no login, sees the own application."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Self
from uuid import UUID


@dataclass(frozen=True, slots=True)
class ApplicantLink:
    """A link to one application, valid until `expires_at`, exclusive, unless it is revoked.

    `decision_id` is the newest decision when it was made. The address has a signature beside the identifier.
    """

    link_id: UUID
    application_id: UUID
    decision_id: UUID
    made_at: datetime
    made_by: str
    expires_at: datetime
    revoked_at: datetime | None = None

    def valid_at(self, at: datetime) -> bool:
        """Whether the link opens the application at this time."""
        return self.revoked_at is None and at < self.expires_at

    def revoked(self, at: datetime) -> Self:
        """The link after it was revoked."""
        return replace(self, revoked_at=at)
