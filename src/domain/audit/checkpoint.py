"""Checkpoints: signed statements of the length and last digest of every chain, chained to each other.

A chain alone does not reveal that its last entries, or all of them, were removed; a checkpoint does. Each
checkpoint lists the chains that grew since the one before, so that together they state what every chain must
contain.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256

from domain.audit.entry import GENESIS, ChainHead, IntegrityViolation

VerifySignature = Callable[[bytes, bytes, bytes], bool]
"""Verifies a signature; the arguments are public key, statement and signature."""
UNTRUSTED_KEY = "it is signed with a key that is not trusted"


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """The content of a checkpoint. `number` counts from 1; `previous` is the digest of the one before, or GENESIS.

    `heads` are those of the chains that grew since then, in the order of the chains' identifiers.
    """

    number: int
    at: datetime
    previous: bytes
    heads: tuple[ChainHead, ...]

    def statement(self) -> bytes:
        """The text that is signed, one line per fact, which any tool for Ed25519 signatures can verify."""
        lines = [
            "credit-scoring checkpoint of the audit trail",
            f"number {self.number}",
            f"at {self.at.astimezone(UTC).isoformat(timespec='microseconds')}",
            f"previous {self.previous.hex()}",
            *self._chains(),
        ]
        return "".join([f"{line}\n" for line in lines]).encode()

    def digest(self) -> bytes:
        """The SHA-256 of the statement, which is `previous` in the next checkpoint."""
        return sha256(self.statement()).digest()

    def heads_digest(self) -> bytes:
        """The SHA-256 of the statement's lines about chains."""
        return sha256("".join([f"{line}\n" for line in self._chains()]).encode()).digest()

    def _chains(self) -> list[str]:
        return [f"chain {head.chain} length {head.length} digest {head.digest.hex()}" for head in self.heads]


def next_checkpoint(last: Checkpoint | None, heads: Collection[ChainHead], *, at: datetime) -> Checkpoint:
    """The checkpoint after the last one, for the chains that grew since."""
    return Checkpoint(
        number=1 if last is None else last.number + 1,
        at=at,
        previous=GENESIS if last is None else last.digest(),
        heads=tuple(sorted(heads, key=lambda head: head.chain)),
    )


@dataclass(frozen=True, slots=True)
class SignedCheckpoint:
    """A checkpoint with its Ed25519 signature (64 bytes) and public key (32 bytes)."""

    checkpoint: Checkpoint
    public_key: bytes
    signature: bytes


class CheckpointVerifier:
    """Checks checkpoints in the order of their numbers.

    Each must be signed with a key in `trusted`, or, if that is empty, all with the same key. `count` is the number
    of checkpoints checked, `last` is the last of them, and `key` signed it. With `excerpt`, the first need not be
    checkpoint 1.
    """

    def __init__(
        self, verify_signature: VerifySignature, trusted: Collection[bytes] = (), *, excerpt: bool = False
    ) -> None:
        self.count = 0
        self.last: Checkpoint | None = None
        self.key: bytes | None = None
        self._verify_signature = verify_signature
        self._trusted = frozenset(trusted)
        self._excerpt = excerpt

    def check(self, signed: SignedCheckpoint) -> IntegrityViolation | None:
        """The violation at the next checkpoint, if there is one; its statement must then be ignored."""
        why = self._fault(signed)
        self.last, self.key = signed.checkpoint, signed.public_key
        self.count += 1
        return IntegrityViolation(None, None, None, why, checkpoint=signed.checkpoint.number) if why else None

    def _fault(self, signed: SignedCheckpoint) -> str:
        checkpoint, last = signed.checkpoint, self.last
        expected = 1 if last is None else last.number + 1
        if not self._may_sign(signed.public_key):
            return f"{UNTRUSTED_KEY}: {signed.public_key.hex()}"
        if not self._verify_signature(signed.public_key, checkpoint.statement(), signed.signature):
            return "its signature does not match its content"
        if self._excerpt and last is None:
            return ""
        if checkpoint.number != expected:
            return f"checkpoint {expected} is missing"
        if checkpoint.previous != (GENESIS if last is None else last.digest()):
            return "it is not linked to the previous checkpoint"
        return ""

    def _may_sign(self, key: bytes) -> bool:
        return key in self._trusted if self._trusted else self.key is None or key == self.key
