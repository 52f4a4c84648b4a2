"""Which decisions an overview counts."""

from dataclasses import dataclass

MOST_NAMES = 50
"""So many channels, and so many sources, have sums of their own. Decisions of others are counted one by one."""


@dataclass(frozen=True, slots=True)
class OverviewFilter:
    """Criteria for the decisions of an overview; None means any.

    `channel` and `source` are the caller's, `received_through` is how the application arrived. Decisions of trial
    runs are left out unless `include_trials`.
    """

    channel: str | None = None
    received_through: str | None = None
    source: str | None = None
    grade: str | None = None
    include_trials: bool = False


DEFAULT_FILTER = OverviewFilter()
"""All decisions but those of trial runs."""


@dataclass(frozen=True, slots=True)
class OverviewNames:
    """The callers' channels and sources that have sums of their own, in order, at most MOST_NAMES of each."""

    channels: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
