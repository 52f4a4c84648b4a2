"""The document of an action on a notice: the exact bytes that the audit trail covers. It has no personal data."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NoReturn
from uuid import UUID

import msgspec

from domain.access.user import Actor
from domain.notices.action_details import DETAILS
from domain.notices.notice_action import NoticeAction, NoticeActionKind
from domain.stored_document import DocumentFault, DocumentKind, UnreadableDocument

NOTICE_ACTION = DocumentKind("notice action")
"""When the content changes, append an upgrade, and a sample to `tests/upgrades/documents`."""

_LONGEST_FAULT = 160
_encoder = msgspec.json.Encoder()


def encode_action(action: NoticeAction) -> bytes:
    """The document, one line of JSON; the same action always gives the same bytes."""
    return _encoder.encode(
        {
            "kind": NOTICE_ACTION.name,
            "schema": NOTICE_ACTION.schema,
            "action_id": action.action_id,
            "notice_id": action.notice_id,
            "number": action.number,
            "at": action.at,
            "actor": action.actor,
            "action": action.kind,
            "details": action.details,
        }
    )


def decode_action(document: str | bytes, action_id: UUID) -> NoticeAction:
    """The action in a document of any schema; raises UnreadableDocument."""
    try:
        action = _action_in(NOTICE_ACTION.upgraded(msgspec.json.decode(document)))
    except UnreadableDocument:
        raise
    except msgspec.ValidationError as fault:
        _unreadable(DocumentFault.INVALID_CONTENT, fault)
    except msgspec.DecodeError as fault:
        _unreadable(DocumentFault.NOT_JSON, fault)
    except (LookupError, TypeError, ValueError, RecursionError) as fault:
        _unreadable(DocumentFault.INVALID_CONTENT, fault)
    if action.action_id != action_id:
        raise UnreadableDocument(DocumentFault.OTHER_RECORD, f"it is the document of action {action.action_id}")
    return action


def _action_in(content: Mapping[str, Any]) -> NoticeAction:
    kind = msgspec.convert(content["action"], NoticeActionKind)
    return NoticeAction(
        action_id=msgspec.convert(content["action_id"], UUID),
        notice_id=msgspec.convert(content["notice_id"], UUID),
        number=msgspec.convert(content["number"], int),
        at=msgspec.convert(content["at"], datetime),
        actor=msgspec.convert(content["actor"], Actor),
        details=msgspec.convert(content["details"], DETAILS[kind]),
    )


def _unreadable(fault: DocumentFault, cause: Exception) -> NoReturn:
    raise UnreadableDocument(fault, str(cause)[:_LONGEST_FAULT]) from cause
