"""The formats of an export of evidence, which `verify.py` in it reads."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from domain.audit.entry import AuditEntry
from domain.canonical_json import canonical_json

MAX_DECISIONS = 1000
"""Decisions in one export."""
MAX_LINKS = 1_000_000
"""Audit entries in one export that link decisions to checkpoints, about 100 bytes each."""
MAX_IN_PDF = 50
"""Decisions in one PDF, which takes a quarter of a second each; HTML has all of them."""
KIND, SCHEMA = "evidence", 1


def entry_content(entry: AuditEntry) -> dict[str, Any]:
    """An entry's fields as JSON has them, each written as its digest covers it."""
    return {
        "chain": str(entry.chain),
        "sequence": entry.sequence,
        "at": exact_time(entry.at),
        "actor": entry.actor,
        "action": entry.action,
        "subject": str(entry.subject),
        "content_digest": entry.content_digest.hex(),
        "previous": entry.previous.hex(),
        "digest": entry.digest.hex(),
    }


def entry_line(entry: AuditEntry) -> bytes:
    """The line of `entry_content`, faster: an export may have a million."""
    return (
        f'{{"chain":"{entry.chain}","sequence":{entry.sequence},"at":"{exact_time(entry.at)}",'
        f'"actor":{json.dumps(entry.actor, ensure_ascii=False)},'
        f'"action":{json.dumps(entry.action, ensure_ascii=False)},"subject":"{entry.subject}",'
        f'"content_digest":"{entry.content_digest.hex()}","previous":"{entry.previous.hex()}",'
        f'"digest":"{entry.digest.hex()}"}}\n'
    ).encode()


def json_line(content: Mapping[str, Any]) -> bytes:
    """A value as one line of JSON."""
    return f"{canonical_json(content)}\n".encode()


def exact_time(at: datetime) -> str:
    """A time in ISO 8601, in UTC and to the microsecond."""
    return at.astimezone(UTC).isoformat(timespec="microseconds")


def statement_on(manifest_sha256: str) -> bytes:
    """The text that is signed for an export as a whole."""
    return f"credit-scoring export of evidence\nmanifest {manifest_sha256}\n".encode()
