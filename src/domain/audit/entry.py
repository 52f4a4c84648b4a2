"""The audit trail: entries chained by hash, so that a changed, missing or inserted one is found out.

Each writer (a process that records decisions) keeps a chain of its own, so that replicas never wait on each other.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from hashlib import sha256
from uuid import UUID

from domain.month import Month
from domain.value import value

DECISION_RECORDED = "decision recorded"
"""The action of an entry that vouches for a decision; entries of other actions vouch for recorded events."""
GENESIS = bytes(32)
"""What stands as the previous digest of a chain's first entry."""
_EPOCH, _SECOND = datetime(1970, 1, 1, tzinfo=UTC), timedelta(seconds=1)


@value
class AuditEntry:
    """One link. `content_digest` is the SHA-256 of the document it vouches for; digests are 32 bytes.

    `action` says what happened ("decision recorded"), `subject` to what, `actor` through whom, and `sequence`
    counts from 1 within the chain.
    """

    chain: UUID
    sequence: int
    at: datetime
    actor: str
    action: str
    subject: UUID
    content_digest: bytes
    previous: bytes
    digest: bytes

    def computed_digest(self) -> bytes:
        """The digest that this entry's content calls for: SHA-256 over its fields, each behind its length."""
        return _digest(
            self.chain,
            self.sequence,
            self.at,
            self.actor,
            self.action,
            self.subject,
            self.content_digest,
            self.previous,
        )


def _digest(  # noqa: PLR0917 - an entry has these fields
    chain: UUID,
    sequence: int,
    at: datetime,
    actor: str,
    action: str,
    subject: UUID,
    content_digest: bytes,
    previous: bytes,
) -> bytes:
    count, moment = str(sequence), _moment(at)
    return sha256(
        f"32:{chain.hex}{len(count)}:{count}{len(moment)}:{moment}{len(actor)}:{actor}{len(action)}:{action}"
        f"32:{subject.hex}64:{content_digest.hex()}64:{previous.hex()}".encode()
    ).digest()


@lru_cache(maxsize=1)
def _moment(at: datetime) -> str:
    """The time in words, in UTC and to the microsecond. What is decided together has one and the same."""
    return f"{_second((at - _EPOCH) // _SECOND)}.{at.microsecond:06}+00:00"


@lru_cache(maxsize=1)
def _second(timestamp: int) -> str:
    """A second in words: many entries have the same, and finding the words takes as long as the digest."""
    return (_EPOCH + timestamp * _SECOND).replace(tzinfo=None).isoformat()


@value
class ChainHead:
    """Where a chain stands: how many entries it has, and the digest of the last."""

    chain: UUID
    length: int = 0
    digest: bytes = GENESIS

    def after(self, *, at: datetime, actor: str, action: str, subject: UUID, content_digest: bytes) -> "ChainHead":
        """The head behind one more entry, which vouches for content of this digest."""
        length = self.length + 1
        digest = _digest(self.chain, length, at, actor, action, subject, content_digest, self.digest)
        return ChainHead(self.chain, length, digest)

    def append(
        self, *, at: datetime, actor: str, action: str, subject: UUID, document: bytes
    ) -> tuple[AuditEntry, "ChainHead"]:
        """The entry that vouches for a document, and the chain's head after it."""
        content_digest = sha256(document).digest()
        head = self.after(at=at, actor=actor, action=action, subject=subject, content_digest=content_digest)
        entry = AuditEntry(
            head.chain, head.length, at, actor, action, subject, content_digest, self.digest, head.digest
        )
        return entry, head


@dataclass(frozen=True, slots=True)
class IntegrityViolation:
    """Where the trail does not hold, and why; what is None plays no part in it.

    At an entry of a chain, at a `checkpoint` (its number), at a decision or an event (the `subject`) without an
    entry, or at a stored `version` (a policy or model bundle, in words).
    """

    chain: UUID | None
    sequence: int | None
    subject: UUID | None
    why: str
    checkpoint: int | None = None
    version: str = ""
    of_event: bool = False

    @property
    def place(self) -> str:
        """Where, in words."""
        entry = f"entry {self.sequence} of chain {self.chain}" if self.chain else ""
        subject = f"{'event' if self.of_event else 'decision'} {self.subject}" if self.subject else ""
        return ", ".join(filter(None, (entry, subject, self.version))) or f"checkpoint {self.checkpoint}"


class ChainVerifier:
    """Checks entries with the documents they vouch for, given by chain and sequence.

    After a break it goes on from the entry as it stands, so that one fault is not reported again for each entry
    behind it. `chains` and `entries` count what was checked, `events` the entries that are not of decisions.

    The document of a decision of an `archived` month (by the time in its identifier) may be elsewhere: then its
    entry is checked, and counted in `elsewhere`.
    """

    def __init__(self, archived: Collection[Month] = ()) -> None:
        self.chains = 0
        self.entries = 0
        self.events = 0
        self.archived = 0
        self._archived_months = archived
        self._head: ChainHead | None = None

    def check(self, entry: AuditEntry, document: bytes | None) -> IntegrityViolation | None:
        """What is wrong with the next entry, if anything."""
        if self._head is None or self._head.chain != entry.chain:
            self._head = ChainHead(entry.chain)
            self.chains += 1
        why = _fault(entry, self._head) or self._fault_of(document, entry)
        self._head = ChainHead(entry.chain, entry.sequence, entry.digest)
        self.entries += 1
        of_event = entry.action != DECISION_RECORDED
        self.events += of_event
        return (
            IntegrityViolation(entry.chain, entry.sequence, entry.subject, why, of_event=of_event) if why else None
        )

    def _fault_of(self, document: bytes | None, entry: AuditEntry) -> str:
        if document is not None:
            unchanged = sha256(document).digest() == entry.content_digest
            return "" if unchanged else "the record it vouches for was changed"
        of_decision = entry.action == DECISION_RECORDED
        if of_decision and self._archived_months and Month.of_identifier(entry.subject) in self._archived_months:
            self.archived += 1
            return ""
        return "the record it vouches for is missing"


def _fault(entry: AuditEntry, head: ChainHead) -> str:
    if entry.sequence != head.length + 1:
        return f"entry {head.length + 1} is missing"
    if entry.previous != head.digest:
        return "it does not follow from the entry before it"
    if entry.digest != entry.computed_digest():
        return "its digest does not match its content"
    return ""
