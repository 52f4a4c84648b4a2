"""Cursors: the order of a list and the position of a page's last decision in it, as text that is safe in a URL."""

import re
import struct
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from application.ports.decisions.decision_archive import DecisionSort, InvalidCursor

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_MOST_CENTS = 10**12
"""What the column of amounts cannot hold, NUMERIC(12, 2): PostgreSQL refuses to compare it."""
_WHOLE, _DOUBLE = struct.Struct(">q16s"), struct.Struct(">d16s")
_CURSOR = re.compile("([a-z]?)([A-Za-z0-9_-]{32})")  # 24 bytes


def _dollars(cents: int) -> Decimal:
    if abs(cents) >= _MOST_CENTS:
        raise OverflowError("an amount that no decision has")
    return Decimal(cents).scaleb(-2)


@dataclass(frozen=True, slots=True)
class _Key:
    """How the value by which a list is ordered is packed."""

    layout: struct.Struct
    pack: Callable[[Any], Any]
    unpack: Callable[[Any], Any]


_TIME = _Key(_WHOLE, lambda time: (time - _EPOCH) // _MICROSECOND, lambda number: _EPOCH + number * _MICROSECOND)
_MONEY = _Key(_WHOLE, lambda dollars: int(dollars.scaleb(2)), _dollars)
_NUMBER = _Key(_DOUBLE, float, float)
_KEYS: Mapping[DecisionSort, tuple[str, _Key]] = {
    DecisionSort.NEWEST: ("", _TIME),  # cursors of the first release name no order
    DecisionSort.OLDEST: ("o", _TIME),
    DecisionSort.AMOUNT: ("a", _MONEY),
    DecisionSort.AMOUNT_ASCENDING: ("b", _MONEY),
    DecisionSort.PD: ("p", _NUMBER),
    DecisionSort.PD_ASCENDING: ("q", _NUMBER),
}


def to_cursor(sort: DecisionSort, value: Any, decision_id: UUID) -> str:
    """The cursor of the page after the decision with this value, by which the list is ordered."""
    letter, key = _KEYS[sort]
    return letter + urlsafe_b64encode(key.layout.pack(key.pack(value), decision_id.bytes)).decode()


def from_cursor(sort: DecisionSort, cursor: str) -> tuple[Any, UUID]:
    """The value and the identifier of the cursor's decision. Raises InvalidCursor."""
    matched = _CURSOR.fullmatch(cursor)
    letter, key = _KEYS[sort]
    if matched is None or matched[1] != letter:
        raise InvalidCursor(f"not a cursor of this archive for the order {sort.value}: {cursor!r}")
    packed, identifier = key.layout.unpack(urlsafe_b64decode(matched[2]))
    try:
        return key.unpack(packed), UUID(bytes=identifier)
    except (OverflowError, ValueError) as fault:  # a moment outside the calendar, or too large an amount
        raise InvalidCursor(f"not a cursor of this archive: {cursor!r}") from fault
