"""The document of a decision: its whole record as JSON, the exact bytes that the audit trail covers.

Fields are in the order of the domain's dataclasses and floats in their shortest exact form, so that the same
record always gives the same bytes and vice versa. A document is one line, since JSON escapes line breaks.

Of `identity` only what was given is in the document, and what follows it only if it differs from the default: rows
of about 2 kB and more cost time.
"""

from dataclasses import fields
from operator import attrgetter
from typing import Any, NoReturn
from uuid import UUID

import msgspec

from adapters.persistence.decisions.document_upgrades import from_schema_1, from_schema_2, from_schema_3
from application.ports.decisions.decision_ledger import RecordRefused
from domain.applications.application_identity import NO_IDENTITY
from domain.decisions.circumstances import NO_CIRCUMSTANCES, Circumstances
from domain.decisions.decision_record import DecisionRecord
from domain.stored_document import DocumentFault, DocumentKind, UnreadableDocument

DECISION = DocumentKind("decision", (from_schema_1, from_schema_2, from_schema_3))
"""When the content changes, append an upgrade, and a sample to `tests/upgrades/documents`."""

MAX_DOCUMENT_BYTES = 256 * 1024
"""A hundred times the size of a document. A larger one was not written by this service, and is not loaded."""

_LONGEST_FAULT = 160


class _Header(msgspec.Struct):
    """What a document states about itself; documents of schema 1 state nothing."""

    kind: str = DECISION.name
    schema: int = 1


_OPTIONAL = ("trial", "supersedes", "supersedes_reason", "circumstances", "case_due_at", "applicant_number")
_names = [field.name for field in fields(DecisionRecord) if field.name not in {"identity", *_OPTIONAL}]
_Content = msgspec.defstruct(
    "_Content",
    [
        ("kind", str),
        ("schema", int),
        *_names,
        ("identity", dict[str, object], {}),
        ("trial", bool, False),
        *((name, Any, None) for name in _OPTIONAL[1:]),
    ],
    omit_defaults=True,
)
_values_of = attrgetter(*_names)

_encoder = msgspec.json.Encoder()
_header = msgspec.json.Decoder(_Header)
_decoder = msgspec.json.Decoder(DecisionRecord)


def encode(record: DecisionRecord) -> bytes:
    """The record's document in UTF-8. Raises RecordRefused for invalid text (half of a surrogate pair)."""
    try:
        return _encoder.encode(
            _Content(
                DECISION.name,
                DECISION.schema,
                *_values_of(record),
                {} if record.identity is NO_IDENTITY else record.identity.given(),
                record.trial,
                record.supersedes,
                record.supersedes_reason,
                _circumstances(record),
                record.case_due_at,
                record.applicant_number,
            )
        )
    except UnicodeEncodeError as fault:
        raise RecordRefused(f"the record has text that cannot be encoded: {fault.reason}") from fault


def _circumstances(record: DecisionRecord) -> Circumstances | None:
    given = record.circumstances
    return None if given is NO_CIRCUMSTANCES or given == NO_CIRCUMSTANCES else given


def decode(document: str | bytes, decision_id: UUID) -> DecisionRecord:
    """The record in a decision's document of any schema. Raises UnreadableDocument."""
    record = _decode(document)
    if record.decision_id != decision_id:
        raise UnreadableDocument(
            DocumentFault.OTHER_RECORD, f"it is the document of decision {record.decision_id}"
        )
    return record


def _decode(document: str | bytes) -> DecisionRecord:
    try:
        header = _header.decode(document)
        if DECISION.check(header.kind, header.schema) == DECISION.schema:
            return _decoder.decode(document)
        return msgspec.convert(DECISION.upgraded(msgspec.json.decode(document)), DecisionRecord)
    except UnreadableDocument:
        raise
    except msgspec.ValidationError as fault:
        _raise(DocumentFault.INVALID_CONTENT, f"its content is invalid ({_shortened(fault)})", fault)
    except (msgspec.DecodeError, UnicodeError, RecursionError) as fault:
        _raise(DocumentFault.NOT_JSON, f"it is not valid JSON ({_shortened(fault)})", fault)


def _raise(kind: DocumentFault, why: str, cause: Exception) -> NoReturn:
    raise UnreadableDocument(kind, why) from cause


def _shortened(fault: Exception) -> str:
    """What is wrong, and the place at the end; a quoted value in between may have any length."""
    text = str(fault)
    return text if len(text) <= _LONGEST_FAULT else f"{text[:40]}…{text[-80:]}"
