"""The manifest of a backup."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Self

from application.ports.operations.database_dumps import RecordedState

KIND = "backup"
SCHEMA = 1
DUMP = "database.dump"
MODEL = "model"
"""The folder of the model bundle in a backup."""


@dataclass(frozen=True, slots=True)
class NeededKey:
    """A key without which a restored service is incomplete. It is kept outside backups.

    `fingerprint` identifies it and reveals nothing of it; `place` says where it was when the backup was made.
    """

    purpose: str
    fingerprint: str
    place: str


@dataclass(frozen=True, slots=True)
class BackupManifest:
    """What a backup contains, beside the digests of its files. `model` is the bundle's fingerprint."""

    at: datetime
    release: str
    state: RecordedState
    model: str
    keys: tuple[NeededKey, ...]

    def content(self) -> dict[str, Any]:
        """The manifest as JSON values."""
        return {
            "schema": SCHEMA,
            "at": self.at.isoformat(timespec="seconds"),
            "release": self.release,
            "database": {**asdict(self.state), "counts": dict(self.state.counts)},
            "model": self.model,
            "keys": [asdict(key) for key in self.keys],
        }

    @classmethod
    def read(cls, content: Mapping[str, Any]) -> Self:
        """The manifest in these JSON values. Raises ValueError."""
        if content.get("schema") != SCHEMA:
            raise ValueError(f"its manifest has schema {content.get('schema')}, which this release cannot read")
        try:
            database = content["database"]
            return cls(
                at=datetime.fromisoformat(content["at"]),
                release=str(content["release"]),
                state=RecordedState(
                    revision=str(database["revision"]),
                    counts={str(table): int(count) for table, count in database["counts"].items()},
                    last_checkpoint=str(database["last_checkpoint"]),
                    signed_with=tuple(map(str, database["signed_with"])),
                ),
                model=str(content["model"]),
                keys=tuple(NeededKey(**key) for key in content["keys"]),
            )
        except (LookupError, TypeError, AttributeError) as fault:
            raise ValueError(f"its manifest cannot be read ({type(fault).__name__}: {fault})") from fault


def differences(expected: RecordedState, found: RecordedState) -> Iterator[str]:
    """How a restored database differs from its backup, one line for each difference."""
    if found.revision != expected.revision:
        yield f"schema revision: {expected.revision} in the backup, {found.revision} here"
    for table in sorted(expected.counts.keys() | found.counts.keys()):
        there, here = expected.counts.get(table, 0), found.counts.get(table, 0)
        if there != here:
            yield f"{table}: {there:,} in the backup, {here:,} here"
    if found.last_checkpoint != expected.last_checkpoint:
        yield "the newest checkpoint differs from that in the backup"


def missing_keys(needed: Sequence[NeededKey], present: Sequence[NeededKey]) -> list[NeededKey]:
    """The keys of a backup that are not configured here."""
    here = {(key.purpose, key.fingerprint) for key in present}
    return [key for key in needed if (key.purpose, key.fingerprint) not in here]
