"""Decisions as rows: the document, and the columns that repeat parts of it for searching."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from operator import attrgetter
from typing import Any

import msgspec
from sqlalchemy import case, func

from adapters.persistence.database.tables import decisions
from adapters.persistence.decisions.documents import MAX_DOCUMENT_BYTES
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
}
"""The path of each column's value in the document and in the record."""

_SCHEMA_OF_PATHS = 3
_PATHS_OF_EARLIER_SCHEMAS: Mapping[str, tuple[str, ...]] = {**DOCUMENT_PATHS, "channel": ("channel",)}

SEARCH_COLUMNS = tuple(decisions.c[name] for name in DOCUMENT_PATHS)
"""The columns that repeat parts of the document."""

AUDITED_DOCUMENT = case(
    (func.octet_length(decisions.c.document) <= MAX_DOCUMENT_BYTES, decisions.c.document),
    else_=func.substr(decisions.c.document, 1, 100),
).label("document")
"""The document, or the beginning of one too large to be loaded, whose digest then differs."""

_record_values = attrgetter(*(".".join(place) for place in DOCUMENT_PATHS.values()))
_SearchValues = msgspec.defstruct("_Searched", list(DOCUMENT_PATHS))
_encoder = msgspec.json.Encoder()


def search_values(records: Sequence[DecisionRecord]) -> str:
    """The records' values of the search columns as in the documents: a JSON list of objects."""
    return _encoder.encode([_SearchValues(*_record_values(record)) for record in records]).decode()


def audited_document(row: Mapping[Any, Any]) -> bytes:
    """The row's document, followed by any column values that differ from it.

    They are appended, never merged: a changed document must not be repaired by its columns.
    """
    document: str = row["document"]
    try:
        content = msgspec.json.decode(document)
        paths = DOCUMENT_PATHS if content.get("schema", 1) >= _SCHEMA_OF_PATHS else _PATHS_OF_EARLIER_SCHEMAS
        differing = {
            name: value
            for name, path in paths.items()
            if _value_at(content, path) != (value := _document_value(row[name]))
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


def _value_at(content: Any, path: tuple[str, ...]) -> Any:
    for step in path:
        content = content[step]
    return content
