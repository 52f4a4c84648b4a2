"""Sessions of the web interface."""

from dataclasses import dataclass
from datetime import datetime, timedelta

LIFETIME = timedelta(hours=8)
"""A working day: then one logs in again."""


@dataclass(frozen=True, slots=True)
class WebSession:
    """One log-in of a user in the web interface: what it may do is read from the user, every time.

    `id` is a digest of the secret key in the browser's cookie, so that who reads it cannot take the session over.
    """

    id: bytes
    name: str
    generation: int
    address: str
    started_at: datetime
    last_seen_at: datetime

    def is_valid(self, now: datetime, idle: timedelta) -> bool:
        """Whether it has neither reached its age nor been unused for `idle`."""
        return now < self.started_at + LIFETIME and now < self.last_seen_at + idle
