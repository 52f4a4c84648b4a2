"""The documents of actions on links and requests of applicants, the exact bytes that the audit trail covers."""

from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from domain.access.user import Actor
from domain.reconsiderations.reconsideration_action import (
    DETAILS,
    ReconsiderationAction,
    ReconsiderationActionKind,
)
from domain.reconsiderations.request_content import RequestContent
from domain.stored_document import DocumentFault, DocumentKind, UnreadableDocument

RECONSIDERATION_ACTION = DocumentKind("reconsideration action")
"""When the content changes, append an upgrade, and a sample to `tests/upgrades/documents`."""

_LONGEST_FAULT = 160
_FIELDS = ("action_id", "application_id", "number", "at", "actor")


class _Content(msgspec.Struct):
    """The content of a document in the current schema."""

    action: ReconsiderationActionKind
    action_id: UUID
    application_id: UUID
    number: int
    at: datetime
    actor: Actor
    details: dict[str, Any]


def encode(action: ReconsiderationAction) -> bytes:
    """The action's document in UTF-8."""
    content = {
        "kind": RECONSIDERATION_ACTION.name,
        "schema": RECONSIDERATION_ACTION.schema,
        "action": action.kind.value,
        **{name: getattr(action, name) for name in (*_FIELDS, "details")},
    }
    return msgspec.json.encode(content)


def decode(document: str | bytes, action_id: UUID) -> ReconsiderationAction:
    """The action in a document of any schema. Raises UnreadableDocument."""
    try:
        content = msgspec.convert(RECONSIDERATION_ACTION.upgraded(msgspec.json.decode(document)), _Content)
        details = msgspec.convert(content.details, DETAILS[content.action])
    except UnreadableDocument:
        raise
    except msgspec.ValidationError as fault:
        why = f"its content is invalid ({str(fault)[:_LONGEST_FAULT]})"
        raise UnreadableDocument(DocumentFault.INVALID_CONTENT, why) from fault
    except (msgspec.DecodeError, UnicodeError, RecursionError) as fault:
        why = f"it is not valid JSON ({str(fault)[:_LONGEST_FAULT]})"
        raise UnreadableDocument(DocumentFault.NOT_JSON, why) from fault
    if content.action_id != action_id:
        raise UnreadableDocument(DocumentFault.OTHER_RECORD, f"it is the document of action {content.action_id}")
    return ReconsiderationAction(**{name: getattr(content, name) for name in _FIELDS}, details=details)


def encode_content(content: RequestContent) -> str:
    """What an applicant wrote, as it is stored beside the trail."""
    return msgspec.json.encode(content).decode()


def decode_content(text: str) -> RequestContent | None:
    """What an applicant wrote; None where the text is not that."""
    try:
        return msgspec.json.decode(text, type=RequestContent)
    except (msgspec.MsgspecError, ValueError):
        return None
