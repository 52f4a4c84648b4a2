"""The time zone of the browser, which a script states in a cookie on every page, from the login page on."""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Self
from zoneinfo import ZoneInfo

from entrypoints.ui.shared.formats import day_and_time, timestamp

COOKIE = "time-zone"
UTC_ZONE = ZoneInfo("UTC")
REMEMBER_TIME_ZONE = (
    f'document.cookie = "{COOKIE}=" + (Intl.DateTimeFormat().resolvedOptions().timeZone || "UTC")'
    ' + "; path=/; max-age=31536000; samesite=lax";'
)
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_+-]*(/[A-Za-z0-9_+-]+)*")
_LONGEST = 64
_UTC_NAMES = {"Etc/UTC", "Etc/UCT", "Etc/Universal", "Etc/Zulu", "UCT", "Universal", "Zulu"}


def zone_named(name: str | None) -> ZoneInfo:
    """The time zone with this name of the IANA database; UTC if it is not known here."""
    if not name or name in _UTC_NAMES or len(name) > _LONGEST or not _NAME.fullmatch(name):
        return UTC_ZONE
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):  # OSError: a folder of the database, such as "America"
        return UTC_ZONE


@dataclass(frozen=True, slots=True)
class Moment:
    """A time as text: in the zone of the browser, and in UTC; the former says so if it is UTC."""

    local: str
    utc: str

    @classmethod
    def of(cls, at: datetime, zone: ZoneInfo) -> Self:
        """The time in this zone."""
        utc = timestamp(at)
        return cls(utc if zone is UTC_ZONE else day_and_time(at.astimezone(zone)), utc)

    @property
    def both(self) -> str:
        """15 Mar 2026, 04:39 (14 Mar 2026, 23:09 UTC), or in UTC alone."""
        return self.utc if self.local == self.utc else f"{self.local} ({self.utc})"


def zone_label(zone: ZoneInfo) -> str:
    """The zone as a person writes it: UTC, New York (America/New_York)."""
    city = zone.key.rpartition("/")[2].replace("_", " ")
    return zone.key if city == zone.key else f"{city} ({zone.key})"
