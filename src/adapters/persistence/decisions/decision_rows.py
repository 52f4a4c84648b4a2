"""Decisions as rows: the document, and the columns that repeat parts of it for searching."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from operator import attrgetter
from typing import Any

import msgspec
from sqlalchemy import case, func

from adapters.persistence.applications.entering import HISTORY_MEMBERS
from adapters.persistence.cases.opening import CASE_MEMBERS
from adapters.persistence.database.tables import decisions
from adapters.persistence.decisions.documents import MAX_DOCUMENT_BYTES
from domain.applications.application_identity import NO_IDENTITY
from domain.decisions.decision_record import DecisionRecord

DOCUMENT_PATHS: Mapping[str, tuple[str, ...]] = {
    "decision_id": ("decision_id",),
    "decided_at": ("decided_at",),
    "requested_by": ("requested_by", "name"),
    "role": ("requested_by", "role"),
    "channel": ("received_through",),
    "outcome": ("decision", "outcome"),
    "pd": ("prediction", "pd", "value"),
    "score_points": ("decision", "points"),
    "grade": ("decision", "grade"),
    "confidence": ("decision", "confidence"),
    "loan_amnt": ("application", "terms", "amount", "cents"),
    "term": ("application", "terms", "term"),
    "purpose": ("application", "terms", "purpose"),
    "recommended_amount": ("decision", "recommended_amount", "cents"),
    "model_version": ("model_version",),
    "policy_version": ("decision", "policy_version"),
    "application_reference": ("identity", "application_reference"),
    "applicant_reference": ("identity", "applicant_reference"),
    "source": ("identity", "source"),
    "caller_channel": ("identity", "channel"),
    "trial": ("trial",),
}
"""The path of each column's value in the document and in the record."""

_OPTIONAL = ("application_reference", "applicant_reference", "source", "caller_channel", "trial")
"""Columns that are NULL where the document does not have the value."""
_SCHEMA_OF_PATHS = 3
_EARLIER_PATHS = {name: path for name, path in DOCUMENT_PATHS.items() if name not in _OPTIONAL} | {
    "channel": ("channel",)
}
_REQUIRED = [name for name in DOCUMENT_PATHS if name not in _OPTIONAL]

SEARCH_COLUMNS = tuple(decisions.c[name] for name in DOCUMENT_PATHS)
"""The columns that repeat parts of the document."""

AUDITED_DOCUMENT = case(
    (func.octet_length(decisions.c.document) <= MAX_DOCUMENT_BYTES, decisions.c.document),
    else_=func.substr(decisions.c.document, 1, 100),
).label("document")
"""The document, or the beginning of one too large to be loaded, whose digest then differs."""

_required_values = attrgetter(*(".".join(DOCUMENT_PATHS[name]) for name in _REQUIRED))
_optional_values = attrgetter(*(".".join(DOCUMENT_PATHS[name]) for name in _OPTIONAL))
_SearchValues = msgspec.defstruct(
    "_SearchValues",
    [
        *_REQUIRED,
        *((name, Any, False if name == "trial" else None) for name in _OPTIONAL),
        *((name, Any, None) for name in (*HISTORY_MEMBERS, *CASE_MEMBERS)),
    ],
    omit_defaults=True,
)
_NO_HISTORY: tuple[str | int | None, ...] = (None,) * len(HISTORY_MEMBERS)
_encoder = msgspec.json.Encoder()


def search_values(records: Sequence[DecisionRecord]) -> str:
    """The records' values of the search columns as in the documents, and of `recording.BESIDES`: a JSON list."""
    return _encoder.encode([_searched(record) for record in records]).decode()


def _searched(record: DecisionRecord) -> msgspec.Struct:
    due_at, applicant, decision = record.case_due_at, record.applicant, record.decision
    if record.identity is NO_IDENTITY and not record.trial and due_at is None:  # most of the web interface
        return _SearchValues(*_required_values(record))
    values = *_required_values(record), *_optional_values(record)
    if applicant is None and due_at is None:
        return _SearchValues(*values)
    history = _NO_HISTORY
    if applicant is not None:
        history = applicant.product, record.applicant_number, decision.starts_cooling_off
    if due_at is None:
        return _SearchValues(*values, *history)
    return _SearchValues(*values, *history, due_at, [reason.code for reason in decision.reasons])


def audited_document(row: Mapping[Any, Any]) -> bytes:
    """The row's document, followed by any column values that differ from it.

    They are appended, never merged: a changed document must not be repaired by its columns.
    """
    document: str = row["document"]
    try:
        content = msgspec.json.decode(document)
        earlier = content.get("schema", 1) < _SCHEMA_OF_PATHS
        differing = {
            name: value
            for name in DOCUMENT_PATHS
            if _value_in(content, name, earlier=earlier) != (value := _document_value(row.get(name)))
        }
    except (msgspec.DecodeError, LookupError, TypeError, AttributeError, RecursionError):
        differing = {}  # the document cannot be read any more; its digest will not match
    if differing:
        document += f"\n{differing}"
    return document.encode()


def _document_value(value: Any) -> Any:
    """The column's value as the document writes it."""
    if isinstance(value, Decimal):
        return int(value.scaleb(2)) if value.is_finite() else str(value)
    return msgspec.to_builtins(value)


def _value_in(content: Any, name: str, *, earlier: bool) -> Any:
    """The value of a column in a document's content, of an earlier schema than 3 or of this one."""
    if earlier and name in _OPTIONAL:
        return None
    for step in _EARLIER_PATHS[name] if earlier else DOCUMENT_PATHS[name]:
        content = content.get(step) if name in _OPTIONAL and content is not None else content[step]
    return content
