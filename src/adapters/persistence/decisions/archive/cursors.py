"""Cursors: the position of the last decision of a page, as text that is safe in a URL."""

import re
import struct
from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import UTC, datetime, timedelta
from uuid import UUID

from application.ports.decisions.decision_archive import InvalidCursor

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_POSITION = struct.Struct(">q16s")
_CURSOR = re.compile("[A-Za-z0-9_-]{32}")  # 24 bytes


def to_cursor(decided_at: datetime, decision_id: UUID) -> str:
    """The cursor of the page after this decision."""
    return urlsafe_b64encode(_POSITION.pack((decided_at - _EPOCH) // _MICROSECOND, decision_id.bytes)).decode()


def from_cursor(cursor: str) -> tuple[datetime, UUID]:
    """The time and identifier of the cursor's decision. Raises InvalidCursor."""
    if not _CURSOR.fullmatch(cursor):
        raise InvalidCursor(f"not a cursor of this archive: {cursor!r}")
    microseconds, identifier = _POSITION.unpack(urlsafe_b64decode(cursor))
    try:
        return _EPOCH + microseconds * _MICROSECOND, UUID(bytes=identifier)
    except OverflowError as fault:  # a moment outside the calendar
        raise InvalidCursor(f"not a cursor of this archive: {cursor!r}") from fault
