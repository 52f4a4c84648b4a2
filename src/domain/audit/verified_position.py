"""The position up to which the audit trail was verified, from which an incremental verification continues.

The position is signed with the key of checkpoints: the database cannot claim that something was verified.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from hashlib import sha256
from typing import Self

from domain.audit.checkpoint import VerifySignature
from domain.audit.entry import ChainHead
from domain.audit.event import Detail


class Scope(StrEnum):
    """How much of the trail a verification covers."""

    WHOLE = "whole"
    INCREMENTAL = "incremental"


def digest_of_heads(heads: Iterable[ChainHead]) -> bytes:
    """The SHA-256 of the lengths and last digests of chains, in any order."""
    lines = sorted(f"{head.chain} {head.length} {head.digest.hex()}\n" for head in heads)
    return sha256("".join(lines).encode()).digest()


@dataclass(frozen=True, slots=True)
class VerifiedPosition:
    """The last checkpoint that a verification without integrity errors reached, which began at `at`.

    `digest` is the checkpoint's, `heads` that of the ends of all chains that checkpoints up to it state, and
    `whole_at` the time of the last verification of everything.
    """

    checkpoint: int
    digest: bytes
    heads: bytes
    at: datetime
    whole_at: datetime


@dataclass(frozen=True, slots=True)
class SignedVerification:
    """The result of a verification that began at `at`, signed.

    `position` is None if there were integrity errors, if there was no decision or no checkpoint: nothing can be
    based on it.
    """

    at: datetime
    scope: Scope
    violations: int
    position: VerifiedPosition | None
    public_key: bytes = b""
    signature: bytes = b""

    def statement(self) -> bytes:
        """The text that is signed."""
        lines = [
            "credit-scoring verification of the audit trail",
            f"at {_moment(self.at)}",
            f"scope {self.scope}",
            f"violations {self.violations}",
        ]
        if self.position:
            lines += [f"{name} {value}" for name, value in _details_of(self.position).items()]
        return "".join(f"{line}\n" for line in lines).encode()

    def is_signed_by(self, trusted: Iterable[bytes], verify: VerifySignature) -> bool:
        """Whether one of the trusted keys signed it."""
        return self.public_key in trusted and verify(self.public_key, self.statement(), self.signature)

    def details(self) -> dict[str, Detail]:
        """The details of the event that records it."""
        return {
            "verified_at": _moment(self.at),
            "scope": self.scope.value,
            "violations": self.violations,
            **(_details_of(self.position) if self.position else {}),
            "key": self.public_key.hex(),
            "signature": self.signature.hex(),
        }

    @classmethod
    def read(cls, details: Mapping[str, Detail]) -> Self | None:
        """The verification that an event records; None for other details, as of an earlier release."""
        try:
            position, at = None, _read_moment(details["verified_at"])
            if "checkpoint" in details:
                position = VerifiedPosition(
                    int(str(details["checkpoint"])),
                    bytes.fromhex(str(details["checkpoint_digest"])),
                    bytes.fromhex(str(details["chains_digest"])),
                    at,
                    _read_moment(details["whole_at"]),
                )
            return cls(
                at,
                Scope(str(details["scope"])),
                int(str(details["violations"])),
                position,
                bytes.fromhex(str(details["key"])),
                bytes.fromhex(str(details["signature"])),
            )
        except (KeyError, ValueError):
            return None


def _details_of(position: VerifiedPosition) -> dict[str, Detail]:
    return {
        "checkpoint": position.checkpoint,
        "checkpoint_digest": position.digest.hex(),
        "chains_digest": position.heads.hex(),
        "whole_at": _moment(position.whole_at),
    }


def _moment(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="microseconds")


def _read_moment(text: Detail) -> datetime:
    moment = datetime.fromisoformat(str(text))
    if moment.tzinfo is None:
        raise ValueError(f"{text} has no time zone")
    return moment
