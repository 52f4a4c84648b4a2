"""The time in identifiers: their first 48 bits are milliseconds since 1970 (UUID version 7)."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_LAST = 253_370_764_800_000
"""The year 9999: any 48 bits may be stored, but Python represents no later time."""


def first_identifier(at: datetime) -> UUID:
    """The lowest identifier of this time."""
    return UUID(int=max(0, int(at.timestamp() * 1000)) << 80)


def time_of(identifier: UUID) -> datetime:
    """The time in an identifier, at most the year 9999."""
    return _EPOCH + timedelta(milliseconds=min(identifier.int >> 80, _LAST))
