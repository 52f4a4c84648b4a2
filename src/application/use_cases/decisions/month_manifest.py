"""The manifest of an archived month."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self
from uuid import UUID

from application.ports.decisions.month_archives import ChainRange, MonthContents
from domain.month import Month

KIND = "archived month"
SCHEMA = 1


@dataclass(frozen=True, slots=True)
class MonthManifest:
    """What an archive contains, beside the digests of its files."""

    month: Month
    at: datetime
    release: str
    contents: MonthContents

    def content(self) -> dict[str, Any]:
        """The manifest as JSON values."""
        return {
            "schema": SCHEMA,
            "month": str(self.month),
            "at": self.at.isoformat(timespec="seconds"),
            "release": self.release,
            "decisions": self.contents.decisions,
            "checkpoints": self.contents.checkpoints,
            "chains": [
                {"chain": str(chain.chain), "first": chain.first, "last": chain.last}
                for chain in self.contents.chains
            ],
        }

    @classmethod
    def read(cls, content: Mapping[str, Any]) -> Self:
        """The manifest in these JSON values. Raises ValueError."""
        if content.get("schema") != SCHEMA:
            raise ValueError(f"its manifest has schema {content.get('schema')}, which this release cannot read")
        try:
            chains = tuple(
                ChainRange(UUID(each["chain"]), int(each["first"]), int(each["last"]))
                for each in content["chains"]
            )
            return cls(
                month=Month.read(content["month"]),
                at=datetime.fromisoformat(content["at"]),
                release=str(content["release"]),
                contents=MonthContents(int(content["decisions"]), int(content["checkpoints"]), chains),
            )
        except (LookupError, TypeError, AttributeError) as fault:
            raise ValueError(f"its manifest cannot be read ({type(fault).__name__}: {fault})") from fault
