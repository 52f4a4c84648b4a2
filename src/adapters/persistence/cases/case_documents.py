"""The document of an action on a case: the exact bytes that the audit trail covers."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NoReturn
from uuid import UUID

import msgspec

from domain.access.user import Actor
from domain.cases.action_details import DETAILS
from domain.cases.case_action import CaseAction, CaseActionKind
from domain.stored_document import DocumentFault, DocumentKind, UnreadableDocument

CASE_ACTION = DocumentKind("case action")
"""When the content changes, append an upgrade, and a sample to `tests/upgrades/documents`."""

_LONGEST_FAULT = 160
_encoder = msgspec.json.Encoder()


def encode_action(action: CaseAction) -> bytes:
    """The document, one line of JSON; the same action always gives the same bytes."""
    return _encoder.encode(
        {
            "kind": CASE_ACTION.name,
            "schema": CASE_ACTION.schema,
            "action_id": action.action_id,
            "case_id": action.case_id,
            "number": action.number,
            "at": action.at,
            "actor": action.actor,
            "action": action.kind,
            "details": action.details,
        }
    )


def decode_action(document: str | bytes, action_id: UUID) -> CaseAction:
    """The action in a document of any schema; raises UnreadableDocument."""
    try:
        content = CASE_ACTION.upgraded(msgspec.json.decode(document))
        action = _action_in(content)
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


def _action_in(content: Mapping[str, Any]) -> CaseAction:
    kind = msgspec.convert(content["action"], CaseActionKind)
    return CaseAction(
        action_id=msgspec.convert(content["action_id"], UUID),
        case_id=msgspec.convert(content["case_id"], UUID),
        number=msgspec.convert(content["number"], int),
        at=msgspec.convert(content["at"], datetime),
        actor=msgspec.convert(content["actor"], Actor),
        details=msgspec.convert(content["details"], DETAILS[kind]),
    )


def _unreadable(fault: DocumentFault, cause: Exception) -> NoReturn:
    raise UnreadableDocument(fault, str(cause)[:_LONGEST_FAULT]) from cause
