"""Copies of checkpoints outside the database.

A user with control of the database can remove a checkpoint together with everything that only it covers, but not a
copy outside. A copy states the digest of one checkpoint, and that checkpoint states the digest of the one before.
"""

import json
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Self

from domain.audit.checkpoint import Checkpoint, SignedCheckpoint
from domain.audit.entry import IntegrityViolation
from domain.stored_document import DocumentKind

CHECKPOINT = DocumentKind("checkpoint")
"""The kind of a copy. The signature covers the checkpoint's statement, which is binary, and not this document."""

_BYTES = {"heads_digest": 32, "digest": 32, "signature": 64, "key": 32}


class InvalidCheckpointCopy(ValueError):
    """The text is not a copy of a checkpoint. The message says why."""


@dataclass(frozen=True, slots=True)
class CheckpointCopy:
    """The copy of one checkpoint: number, time, SHA-256 of its heads and of its statement, Ed25519 signature, and
    public key.
    """

    number: int
    at: datetime
    heads_digest: bytes
    digest: bytes
    signature: bytes
    public_key: bytes

    @classmethod
    def of(cls, signed: SignedCheckpoint) -> Self:
        """The copy of a signed checkpoint."""
        checkpoint = signed.checkpoint
        return cls(
            checkpoint.number,
            checkpoint.at,
            checkpoint.heads_digest(),
            checkpoint.digest(),
            signed.signature,
            signed.public_key,
        )

    @classmethod
    def read(cls, text: str) -> Self:
        """The copy in one line of JSON; raises InvalidCheckpointCopy."""
        try:
            content = CHECKPOINT.upgraded(json.loads(text))
            parts = {name: bytes.fromhex(content[name]) for name in _BYTES}
            copy = cls(
                content["checkpoint"],
                datetime.fromisoformat(content["at"]),
                parts["heads_digest"],
                parts["digest"],
                parts["signature"],
                parts["key"],
            )
        except (ValueError, LookupError, TypeError, RecursionError) as fault:
            raise InvalidCheckpointCopy(f"not a copy of a checkpoint ({type(fault).__name__}: {fault})") from fault
        wrong = [name for name, length in _BYTES.items() if len(parts[name]) != length]
        if type(copy.number) is not int or copy.number < 1:
            wrong.append("checkpoint")
        if copy.at.tzinfo is None:
            wrong.append("at")
        if wrong:
            raise InvalidCheckpointCopy(f"not a copy of a checkpoint (invalid: {', '.join(wrong)})")
        return copy

    def line(self) -> str:
        """The copy as one line of JSON, without a line break."""
        content: dict[str, Any] = {
            "kind": CHECKPOINT.name,
            "schema": CHECKPOINT.schema,
            "checkpoint": self.number,
            "at": self.at.astimezone(UTC).isoformat(timespec="microseconds"),
            "heads_digest": self.heads_digest.hex(),
            "digest": self.digest.hex(),
            "signature": self.signature.hex(),
            "key": self.public_key.hex(),
        }
        return json.dumps(content)


class CheckpointCopyVerifier:
    """Compares checkpoints, in the order of their numbers, with their copies.

    If `trusted` is not empty, a copy signed with any other key is a violation too.
    """

    def __init__(self, copies: Collection[CheckpointCopy], trusted: Collection[bytes] = ()) -> None:
        self._copies: dict[int, list[CheckpointCopy]] = {}
        for copy in copies:
            self._copies.setdefault(copy.number, []).append(copy)
        self._trusted = frozenset(trusted)

    def check(self, signed: SignedCheckpoint) -> Iterator[IntegrityViolation]:
        """The differences between a checkpoint and the copies with its number."""
        for copy in self._copies.pop(signed.checkpoint.number, ()):
            if self._trusted and copy.public_key not in self._trusted:
                yield _violation(copy, f"the copy is signed with an untrusted key: {copy.public_key.hex()}")
            elif differing := _differences(copy, signed):
                yield _violation(
                    copy,
                    f"it differs from its copy, made at {copy.at.isoformat()}: "
                    f"{', '.join(differing)} differ{'s' if len(differing) == 1 else ''}",
                )

    def missing(self, last: Checkpoint | None) -> Iterator[IntegrityViolation]:
        """Violations for copies without a checkpoint. Call this after all checkpoints were checked."""
        for number in sorted(self._copies):
            for copy in self._copies[number]:
                trail = f"the trail ends at checkpoint {last.number}" if last else "the trail has no checkpoints"
                if last is not None and last.number > number:
                    trail = f"the trail continues to checkpoint {last.number}"
                yield _violation(
                    copy,
                    f"it has a copy but is missing here ({trail}): records until {copy.at.isoformat()} may have "
                    "been removed",
                )


def _differences(copy: CheckpointCopy, signed: SignedCheckpoint) -> list[str]:
    found = CheckpointCopy.of(signed)
    compared = {
        "time": copy.at == found.at,
        "digest of the chains' heads": copy.heads_digest == found.heads_digest,
        "digest": copy.digest == found.digest,
        "signature": copy.signature == found.signature,
        "key": copy.public_key == found.public_key,
    }
    return [part for part, same in compared.items() if not same]


def _violation(copy: CheckpointCopy, why: str) -> IntegrityViolation:
    return IntegrityViolation(None, None, None, why, checkpoint=copy.number)
