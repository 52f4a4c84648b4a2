"""The documents of actions on applications, the exact bytes that the audit trail covers."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

import msgspec

from domain.access.user import Actor
from domain.applications.application_action import (
    Acceptance,
    ApplicationAction,
    ApplicationActionKind,
    Details,
    Withdrawal,
)
from domain.stored_document import DocumentFault, DocumentKind, UnreadableDocument

APPLICATION_ACTION = DocumentKind("application action")
"""When the content changes, append an upgrade, and a sample to `tests/upgrades/documents`."""

_DETAILS: Mapping[ApplicationActionKind, type[Details]] = {
    ApplicationActionKind.ACCEPTED: Acceptance,
    ApplicationActionKind.WITHDRAWN: Withdrawal,
}
_LONGEST_FAULT = 120
_FIELDS = ("action_id", "application_id", "decision_id", "number", "at", "actor")


class _Content(msgspec.Struct):
    """The content of a document in the current schema."""

    action: ApplicationActionKind
    action_id: UUID
    application_id: UUID
    decision_id: UUID
    number: int
    at: datetime
    actor: Actor
    details: dict[str, object]


def encode(action: ApplicationAction) -> bytes:
    """The action's document in UTF-8."""
    content = {
        "kind": APPLICATION_ACTION.name,
        "schema": APPLICATION_ACTION.schema,
        "action": action.kind.value,
        **{name: getattr(action, name) for name in (*_FIELDS, "details")},
    }
    return msgspec.json.encode(content)


def decode(document: str | bytes, action_id: UUID) -> ApplicationAction:
    """The action in a document of any schema. Raises UnreadableDocument."""
    try:
        content = msgspec.convert(APPLICATION_ACTION.upgraded(msgspec.json.decode(document)), _Content)
        details = msgspec.convert(content.details, _DETAILS[content.action])
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
    return ApplicationAction(**{name: getattr(content, name) for name in _FIELDS}, details=details)
