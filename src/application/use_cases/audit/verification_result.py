"""The result of a verification."""

from dataclasses import dataclass
from datetime import datetime

from domain.audit.entry import IntegrityViolation
from domain.audit.verified_position import Scope, VerifiedPosition
from domain.month import Month


@dataclass(frozen=True, slots=True)
class Verification:
    """What was checked, and the first thousand integrity violations; none means a valid trail.

    `violation_count` counts all violations, `archived` the entries whose records are archived (in one of the
    `archived_months`), `copies_compared`
    the checkpoint copies that were compared, and `events` the entries for anything but decisions. `recorded` is
    False if the verification should have been recorded on the trail but the database refused it. `key`
    (hexadecimal) signed the last checkpoint, created at `checkpointed_at`.

    An incremental verification covers what was added after the position `since`; an earlier one covered the rest.
    """

    chains: int
    entries: int
    violations: tuple[IntegrityViolation, ...]
    violation_count: int = 0
    archived: int = 0
    checkpoints: int = 0
    checkpointed_at: datetime | None = None
    key: str | None = None
    copies_compared: int = 0
    events: int = 0
    recorded: bool = True
    since: VerifiedPosition | None = None
    archived_months: tuple[Month, ...] = ()

    @property
    def scope(self) -> Scope:
        """Whether everything was verified."""
        return Scope.INCREMENTAL if self.since else Scope.WHOLE

    @property
    def empty(self) -> bool:
        """Whether there was no decision to verify, which is not the same as a valid trail."""
        return self.since is None and self.entries == self.events and not self.violations

    @property
    def result(self) -> str:
        """The result in one word."""
        return "empty" if self.empty else "broken" if self.violations else "intact"
