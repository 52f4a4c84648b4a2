"""Checkpoints kept outside the database: what the trail must still contain, whoever controls the database.

A checkpoint in the database can be removed together with everything that only it vouches for; a copy elsewhere
cannot. Each states the digest of one checkpoint, and that checkpoint the digest of the one before it.
"""

import json
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Self

from domain.audit.checkpoint import Checkpoint, SignedCheckpoint
from domain.audit.entry import IntegrityViolation

_BYTES = {"heads_digest": 32, "digest": 32, "signature": 64, "key": 32}


class InvalidCheckpointCopy(ValueError):
    """The text is not a kept checkpoint; the message says why."""


@dataclass(frozen=True, slots=True)
class CheckpointCopy:
    """The copy of one checkpoint: its number, its time, digests of its heads and of its whole statement (SHA-256),
    and its Ed25519 signature with the public key.
    """

    number: int
    at: datetime
    heads_digest: bytes
    digest: bytes
    signature: bytes
    public_key: bytes

    @classmethod
    def of(cls, signed: SignedCheckpoint) -> Self:
        """The copy to keep of a signed checkpoint."""
        stated = signed.checkpoint
        return cls(
            stated.number, stated.at, stated.heads_digest(), stated.digest(), signed.signature, signed.public_key
        )

    @classmethod
    def read(cls, text: str) -> Self:
        """The copy that one line of JSON holds; raises InvalidCheckpointCopy."""
        try:
            told = json.loads(text)
            parts = {name: bytes.fromhex(told[name]) for name in _BYTES}
            kept = cls(
                told["checkpoint"],
                datetime.fromisoformat(told["at"]),
                parts["heads_digest"],
                parts["digest"],
                parts["signature"],
                parts["key"],
            )
        except (ValueError, LookupError, TypeError, RecursionError) as fault:
            raise InvalidCheckpointCopy(f"not a kept checkpoint ({type(fault).__name__}: {fault})") from fault
        wrong = [name for name, length in _BYTES.items() if len(parts[name]) != length]
        if type(kept.number) is not int or kept.number < 1:
            wrong.append("checkpoint")
        if kept.at.tzinfo is None:
            wrong.append("at")
        if wrong:
            raise InvalidCheckpointCopy(f"not a kept checkpoint (invalid: {', '.join(wrong)})")
        return kept

    def line(self) -> str:
        """The copy as one line of JSON, without a line break."""
        told: dict[str, Any] = {
            "checkpoint": self.number,
            "at": self.at.astimezone(UTC).isoformat(timespec="microseconds"),
            "heads_digest": self.heads_digest.hex(),
            "digest": self.digest.hex(),
            "signature": self.signature.hex(),
            "key": self.public_key.hex(),
        }
        return json.dumps(told)


class CheckpointCopyVerifier:
    """Compares the trail's checkpoints, given by number, with copies kept elsewhere.

    Where keys are `trusted`, a copy signed with another key is a violation too.
    """

    def __init__(self, kept: Collection[CheckpointCopy], trusted: Collection[bytes] = ()) -> None:
        self._kept: dict[int, list[CheckpointCopy]] = {}
        for one in kept:
            self._kept.setdefault(one.number, []).append(one)
        self._trusted = frozenset(trusted)

    def check(self, signed: SignedCheckpoint) -> Iterator[IntegrityViolation]:
        """How a checkpoint of the trail differs from the copies of its number."""
        for kept in self._kept.pop(signed.checkpoint.number, ()):
            if self._trusted and kept.public_key not in self._trusted:
                yield _violation(
                    kept, f"the copy kept elsewhere is signed with an untrusted key: {kept.public_key.hex()}"
                )
            elif differing := _differences(kept, signed):
                yield _violation(
                    kept,
                    f"it is not the checkpoint that was kept elsewhere, made at {kept.at.isoformat()}: "
                    f"{', '.join(differing)} differ{'s' if len(differing) == 1 else ''}",
                )

    def missing(self, last: Checkpoint | None) -> Iterator[IntegrityViolation]:
        """The copies whose checkpoints were not found, once all of the trail's were checked."""
        for number in sorted(self._kept):
            for kept in self._kept[number]:
                trail = f"the trail ends at checkpoint {last.number}" if last else "the trail has no checkpoints"
                if last is not None and last.number > number:
                    trail = f"the trail goes on to checkpoint {last.number}"
                yield _violation(
                    kept,
                    f"it was kept elsewhere but is missing here ({trail}): what was recorded until "
                    f"{kept.at.isoformat()} may have been removed",
                )


def _differences(kept: CheckpointCopy, signed: SignedCheckpoint) -> list[str]:
    found = CheckpointCopy.of(signed)
    compared = {
        "time": kept.at == found.at,
        "digest of the chains' ends": kept.heads_digest == found.heads_digest,
        "digest": kept.digest == found.digest,
        "signature": kept.signature == found.signature,
        "key": kept.public_key == found.public_key,
    }
    return [what for what, same in compared.items() if not same]


def _violation(kept: CheckpointCopy, why: str) -> IntegrityViolation:
    return IntegrityViolation(None, None, None, why, checkpoint=kept.number)
