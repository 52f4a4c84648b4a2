"""Decisions as rows: the document, and the columns that repeat parts of it for searching."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from operator import attrgetter
from typing import Any

import msgspec

from adapters.persistence.database.tables import decisions
from domain.decisions.decision_record import DecisionRecord

DOCUMENT_PATHS: Mapping[str, tuple[str, ...]] = {
    "decision_id": ("decision_id",),
    "decided_at": ("decided_at",),
    "requested_by": ("requested_by", "name"),
    "role": ("requested_by", "role"),
    "channel": ("channel",),
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
"""Where in the document, as in the record itself, each column's value stands."""

SEARCH_COLUMNS = tuple(decisions.c[name] for name in DOCUMENT_PATHS)
"""The columns that repeat parts of the document."""

_values = attrgetter(*(".".join(place) for place in DOCUMENT_PATHS.values()))
_Searched = msgspec.defstruct("_Searched", list(DOCUMENT_PATHS))
_encoder = msgspec.json.Encoder()


def search_values(records: Sequence[DecisionRecord]) -> str:
    """What the columns say of each record, as the document writes it: JSON, a list of objects."""
    return _encoder.encode([_Searched(*_values(record)) for record in records]).decode()


def audited_document(row: Mapping[Any, Any]) -> bytes:
    """The row's document; with what its columns say behind it where they say otherwise.

    Behind it, never within: a document that was changed must not be mended by columns that were not.
    """
    document: str = row["document"]
    try:
        told = msgspec.json.decode(document)
        differing = {name: value for name in DOCUMENT_PATHS if _at(told, name) != (value := _plain(row[name]))}
    except (msgspec.DecodeError, LookupError, TypeError, RecursionError):
        differing = {}  # the document itself was changed beyond reading: its digest says so
    if differing:
        document += f"\n{differing}"
    return document.encode()


def _plain(value: Any) -> Any:
    """The column's value as the document would write it."""
    if isinstance(value, Decimal):
        return int(value.scaleb(2)) if value.is_finite() else str(value)
    return msgspec.to_builtins(value)


def _at(told: Any, name: str) -> Any:
    for step in DOCUMENT_PATHS[name]:
        told = told[step]
    return told
