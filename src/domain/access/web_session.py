"""Sessions of the web interface."""

from dataclasses import dataclass
from datetime import datetime, timedelta

LIFETIME = timedelta(hours=8)
"""A working day."""


@dataclass(frozen=True, slots=True)
class WebSession:
    """One login of a user in the web interface. Permissions are always read from the user's account.

    `id` is a digest of the secret key in the browser's cookie, so that reading it is not enough to use the
    session.
    """

    id: bytes
    name: str
    generation: int
    address: str
    started_at: datetime
    last_seen_at: datetime
    previous_login_at: datetime | None = None

    def is_valid(self, now: datetime, idle: timedelta) -> bool:
        """Whether it is younger than LIFETIME and was used within `idle`."""
        return now < self.started_at + LIFETIME and now < self.last_seen_at + idle
