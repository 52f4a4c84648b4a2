"""Months of the calendar, in UTC: by these decisions are kept apart."""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Self
from uuid import UUID

_TIME_ORDERED = 7
_AS_WRITTEN = re.compile(r"(\d{4})-(\d{2})", re.ASCII)


@dataclass(frozen=True, slots=True, order=True)
class Month:
    """A month; `number` counts from 1."""

    year: int
    number: int

    def __post_init__(self) -> None:
        if not 1 <= self.number <= 12:
            raise ValueError(f"there is no month {self.number}")

    @classmethod
    def of(cls, moment: datetime) -> Self:
        """The month of a moment, which must be aware of its zone."""
        in_utc = moment.astimezone(UTC)
        return cls(in_utc.year, in_utc.month)

    @classmethod
    def of_identifier(cls, identifier: UUID) -> Self | None:
        """The month of the time in an identifier; None where it has none (UUID version 7, RFC 9562, has one)."""
        if identifier.version != _TIME_ORDERED:
            return None
        try:
            return cls.of(datetime.fromtimestamp((identifier.int >> 80) / 1000, UTC))
        except (ValueError, OverflowError):  # beyond the calendar
            return None

    @classmethod
    def read(cls, text: str) -> Self:
        """The month as `str` writes it; raises ValueError."""
        written = _AS_WRITTEN.fullmatch(text)
        if written is None:
            raise ValueError(f"a month is written like 2024-12, not {text!r}")
        return cls(int(written[1]), int(written[2]))

    @property
    def first_day(self) -> date:
        """Its first day."""
        return date(self.year, self.number, 1)

    def later(self, months: int) -> "Month":
        """The month so many months later."""
        years, index = divmod(self.number - 1 + months, 12)
        return Month(self.year + years, index + 1)

    def __str__(self) -> str:
        return f"{self.year:04}-{self.number:02}"
