"""Calendar months in UTC, by which decisions are partitioned."""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Self
from uuid import UUID

_TIME_ORDERED = 7
_FORMAT = re.compile(r"(\d{4})-(\d{2})", re.ASCII)


@dataclass(frozen=True, slots=True, order=True)
class Month:
    """A month; `number` is 1 to 12."""

    year: int
    number: int

    def __post_init__(self) -> None:
        if not 1 <= self.number <= 12:
            raise ValueError(f"there is no month {self.number}")

    @classmethod
    def of(cls, moment: datetime) -> Self:
        """The month of a moment that has a time zone."""
        in_utc = moment.astimezone(UTC)
        return cls(in_utc.year, in_utc.month)

    @classmethod
    def of_identifier(cls, identifier: UUID) -> Self | None:
        """The month of the time in a UUID of version 7 (RFC 9562); None for other versions."""
        if identifier.version != _TIME_ORDERED:
            return None
        try:
            return cls.of(datetime.fromtimestamp((identifier.int >> 80) / 1000, UTC))
        except (ValueError, OverflowError):  # outside the calendar
            return None

    @classmethod
    def read(cls, text: str) -> Self:
        """The month as `str` formats it, such as 2024-12; raises ValueError."""
        match = _FORMAT.fullmatch(text)
        if match is None:
            raise ValueError(f"a month has the form 2024-12, not {text!r}")
        return cls(int(match[1]), int(match[2]))

    @property
    def first_day(self) -> date:
        """The first day of the month."""
        return date(self.year, self.number, 1)

    def later(self, months: int) -> "Month":
        """The month that is `months` later, or earlier if negative."""
        years, index = divmod(self.number - 1 + months, 12)
        return Month(self.year + years, index + 1)

    def __str__(self) -> str:
        return f"{self.year:04}-{self.number:02}"
