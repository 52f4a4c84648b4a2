"""The audit trail: entries in hash chains, which reveal an entry that was changed, removed or inserted.

Each process that records decisions writes its own chain, so that replicas never wait for each other.

Entries are not validated when they are created: verification must be able to read an entry that is wrong.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from hashlib import sha256
from uuid import UUID

from domain.audit.subject import SubjectKind, kind_of_subject
from domain.month import Month

GENESIS = bytes(32)
"""The previous digest of the first entry of a chain."""
_EPOCH, _SECOND = datetime(1970, 1, 1, tzinfo=UTC), timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """One link of a chain. `content_digest` is the SHA-256 of the document of `subject`; digests are 32 bytes.

    `actor` did `action` ("decision recorded"), and `sequence` counts from 1 within the chain.
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

    @property
    def kind(self) -> SubjectKind:
        """The kind of the subject, which the action determines."""
        return kind_of_subject(self.action)

    def computed_digest(self) -> bytes:
        """The digest that the entry should have: SHA-256 over its fields, each preceded by its length."""
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


def _digest(  # noqa: PLR0917 - the fields of an entry
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
    """The time in ISO 8601, in UTC and to the microsecond. Decisions of one micro-batch share it."""
    return f"{_second((at - _EPOCH) // _SECOND)}.{at.microsecond:06}+00:00"


@lru_cache(maxsize=1)
def _second(timestamp: int) -> str:
    """A second in ISO 8601. Many entries share it, and formatting takes as long as the digest."""
    return (_EPOCH + timestamp * _SECOND).replace(tzinfo=None).isoformat()


@dataclass(frozen=True, slots=True)
class ChainHead:
    """The end of a chain: the number of its entries and the digest of the last."""

    chain: UUID
    length: int = 0
    digest: bytes = GENESIS

    def after(self, *, at: datetime, actor: str, action: str, subject: UUID, content_digest: bytes) -> "ChainHead":
        """The head after one more entry, for content with this digest."""
        length = self.length + 1
        digest = _digest(self.chain, length, at, actor, action, subject, content_digest, self.digest)
        return ChainHead(self.chain, length, digest)

    def append(
        self, *, at: datetime, actor: str, action: str, subject: UUID, document: bytes
    ) -> tuple[AuditEntry, "ChainHead"]:
        """The entry for a document, and the head of the chain after it."""
        content_digest = sha256(document).digest()
        head = self.after(at=at, actor=actor, action=action, subject=subject, content_digest=content_digest)
        entry = AuditEntry(
            head.chain, head.length, at, actor, action, subject, content_digest, self.digest, head.digest
        )
        return entry, head


@dataclass(frozen=True, slots=True)
class IntegrityViolation:
    """A place where the audit trail is wrong, and why.

    The place is an entry of a chain, a `checkpoint` (its number), a `subject` of this `kind` without an entry, or
    a stored `version` (a policy or model bundle, in words). Parts that do not apply are None.
    """

    chain: UUID | None
    sequence: int | None
    subject: UUID | None
    why: str
    checkpoint: int | None = None
    version: str = ""
    kind: SubjectKind = SubjectKind.DECISION

    @property
    def place(self) -> str:
        """The place in words."""
        entry = f"entry {self.sequence} of chain {self.chain}" if self.chain else ""
        subject = f"{self.kind} {self.subject}" if self.subject else ""
        return ", ".join(filter(None, (entry, subject, self.version))) or f"checkpoint {self.checkpoint}"


class ChainVerifier:
    """Checks entries with their documents, in the order of chain and sequence.

    After a violation it continues from the entry as it is, so that one fault is not reported for every later
    entry. `chains` and `entries` count what was checked, `events` the entries that are not for decisions.

    The document of a decision of an `archived` month (by the time in its identifier) may be missing. The entry is
    then checked without it and counted in `archived`.

    With `excerpt`, the entries are those around the decisions of that month: chains begin where the excerpt does,
    and only these decisions need documents. With `verified`, the chains continue from these heads.
    """

    def __init__(
        self,
        archived: Collection[Month] = (),
        *,
        excerpt: Month | None = None,
        verified: Iterable[ChainHead] = (),
    ) -> None:
        self.chains = 0
        self.entries = 0
        self.events = 0
        self.archived = 0
        self._archived_months = archived
        self._excerpt = excerpt
        self._verified = {head.chain: head for head in verified}
        self._head: ChainHead | None = None

    def check(self, entry: AuditEntry, document: bytes | None) -> IntegrityViolation | None:
        """The violation at the next entry, if there is one."""
        if self._head is None or self._head.chain != entry.chain:
            self._head = self._verified.get(entry.chain) or ChainHead(entry.chain)
            if self._excerpt:
                self._head = ChainHead(entry.chain, entry.sequence - 1, entry.previous)
            self.chains += 1
        why = _link_fault(entry, self._head) or self._document_fault(document, entry)
        self._head = ChainHead(entry.chain, entry.sequence, entry.digest)
        self.entries += 1
        self.events += entry.kind is not SubjectKind.DECISION
        return (
            IntegrityViolation(entry.chain, entry.sequence, entry.subject, why, kind=entry.kind) if why else None
        )

    def _document_fault(self, document: bytes | None, entry: AuditEntry) -> str:
        if document is not None:
            unchanged = sha256(document).digest() == entry.content_digest
            return "" if unchanged else "the record was altered"
        of_decision = entry.kind is SubjectKind.DECISION
        if self._excerpt and not (of_decision and Month.of_identifier(entry.subject) == self._excerpt):
            return ""
        if of_decision and self._archived_months and Month.of_identifier(entry.subject) in self._archived_months:
            self.archived += 1
            return ""
        return "the record is missing"


def _link_fault(entry: AuditEntry, head: ChainHead) -> str:
    if entry.sequence != head.length + 1:
        return f"entry {head.length + 1} is missing"
    if entry.previous != head.digest:
        return "it is not linked to the previous entry"
    if entry.digest != entry.computed_digest():
        return "its digest does not match its content"
    return ""
