"""Checkpoints: signed statements of how long every chain is and how it ends, chained among themselves.

A chain cannot tell that its end, or all of it, was taken away; a checkpoint that says how far it reached can. Each
names the chains that grew since the one before, so the whole series says of every chain what it must contain.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256

from domain.audit.entry import GENESIS, ChainHead, IntegrityViolation

Genuine = Callable[[bytes, bytes, bytes], bool]
"""Whether a signature is that of a statement, made with the private half of a public key: (key, statement, it)."""


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """What is stated. `number` counts from 1; `previous` is the digest of the checkpoint before, or GENESIS.

    `heads` are the chains that grew since that one, each as it stood, in the order of their identifiers.
    """

    number: int
    at: datetime
    previous: bytes
    heads: tuple[ChainHead, ...]

    def statement(self) -> bytes:
        """The text that is signed, a line a fact, for any tool that checks Ed25519 signatures."""
        lines = [
            "credit-scoring checkpoint of the audit trail",
            f"number {self.number}",
            f"at {self.at.astimezone(UTC).isoformat(timespec='microseconds')}",
            f"previous {self.previous.hex()}",
            *self._chains(),
        ]
        return "".join([f"{line}\n" for line in lines]).encode()

    def digest(self) -> bytes:
        """SHA-256 of the statement: what the next checkpoint names as `previous`."""
        return sha256(self.statement()).digest()

    def heads_digest(self) -> bytes:
        """SHA-256 of the statement's lines on chains."""
        return sha256("".join([f"{line}\n" for line in self._chains()]).encode()).digest()

    def _chains(self) -> list[str]:
        return [f"chain {head.chain} length {head.length} digest {head.digest.hex()}" for head in self.heads]


def next_checkpoint(last: Checkpoint | None, heads: Collection[ChainHead], *, at: datetime) -> Checkpoint:
    """The checkpoint behind the last one, over chains that grew since."""
    return Checkpoint(
        number=1 if last is None else last.number + 1,
        at=at,
        previous=GENESIS if last is None else last.digest(),
        heads=tuple(sorted(heads, key=lambda head: head.chain)),
    )


@dataclass(frozen=True, slots=True)
class SignedCheckpoint:
    """A checkpoint with its Ed25519 signature (64 bytes) and the public key it was made for (32 bytes)."""

    checkpoint: Checkpoint
    public_key: bytes
    signature: bytes


class CheckpointVerifier:
    """Checks checkpoints, given by number from the first on.

    Only keys in `trusted` may have signed; where that is empty, any one key, the same throughout. `count` says how
    many were checked, `last` is the last, `key` the one that signed it.
    """

    def __init__(self, genuine: Genuine, trusted: Collection[bytes] = ()) -> None:
        self.count = 0
        self.last: Checkpoint | None = None
        self.key: bytes | None = None
        self._genuine = genuine
        self._trusted = frozenset(trusted)

    def check(self, signed: SignedCheckpoint) -> IntegrityViolation | None:
        """What is wrong with the next checkpoint, if anything; what it says counts only where nothing is."""
        why = self._fault(signed)
        self.last, self.key = signed.checkpoint, signed.public_key
        self.count += 1
        return IntegrityViolation(None, None, None, why, checkpoint=signed.checkpoint.number) if why else None

    def _fault(self, signed: SignedCheckpoint) -> str:
        stated, last = signed.checkpoint, self.last
        expected = 1 if last is None else last.number + 1
        if not self._may_sign(signed.public_key):
            return f"it is signed with a key that is not trusted: {signed.public_key.hex()}"
        if not self._genuine(signed.public_key, stated.statement(), signed.signature):
            return "its signature does not match its content"
        if stated.number != expected:
            return f"checkpoint {expected} is missing"
        if stated.previous != (GENESIS if last is None else last.digest()):
            return "it does not follow from the checkpoint before it"
        return ""

    def _may_sign(self, key: bytes) -> bool:
        return key in self._trusted if self._trusted else self.key is None or key == self.key
