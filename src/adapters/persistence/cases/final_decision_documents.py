"""The stored document of a final decision: the whole decision as JSON.

Fields are in the order of the domain's dataclass, so that the same decision always gives the same bytes.
"""

from dataclasses import fields
from typing import Any
from uuid import UUID

import msgspec

from domain.cases.final_decision import FinalDecision
from domain.stored_document import DocumentFault, DocumentKind, UnreadableDocument

FINAL_DECISION = DocumentKind("final decision")
"""When the content changes, append an upgrade, and a sample to `tests/upgrades/documents`."""

_LONGEST_FAULT = 120
_NAMES = [field.name for field in fields(FinalDecision)]
_REPEATED = (
    "final_decision_id",
    "decision_id",
    "case_id",
    "number",
    "decided_at",
    "outcome",
    "override",
    "system_outcome",
    "recommended",
    "reason",
    "dwell_seconds",
)
_encoder = msgspec.json.Encoder()


def encode(decision: FinalDecision) -> bytes:
    """The document of a final decision."""
    content = {name: getattr(decision, name) for name in _NAMES}
    return _encoder.encode({"kind": FINAL_DECISION.name, "schema": FINAL_DECISION.schema, **content})


def decision_row(decision: FinalDecision) -> dict[str, Any]:
    """The row of a final decision, whose columns repeat parts of the document."""
    row = {name: getattr(decision, name) for name in _REPEATED}
    for name in ("outcome", "override", "system_outcome", "recommended"):
        row[name] = row[name].value
    return row | {
        "own_view": decision.own_view.value if decision.own_view else None,
        "maker": decision.maker.name,
        "checker": decision.checker.name if decision.checker else None,
        "document": encode(decision).decode(),
    }


def decode(document: str | bytes, final_decision_id: UUID) -> FinalDecision:
    """The final decision in a document of any schema. Raises UnreadableDocument."""
    try:
        content = FINAL_DECISION.upgraded(msgspec.json.decode(document))
        decision = msgspec.convert(content, FinalDecision)
    except UnreadableDocument:
        raise
    except msgspec.ValidationError as fault:
        raise UnreadableDocument(
            DocumentFault.INVALID_CONTENT, f"its content is invalid ({str(fault)[:_LONGEST_FAULT]})"
        ) from fault
    except (msgspec.DecodeError, UnicodeError, RecursionError) as fault:
        raise UnreadableDocument(
            DocumentFault.NOT_JSON, f"it is not valid JSON ({str(fault)[:_LONGEST_FAULT]})"
        ) from fault
    if decision.final_decision_id != final_decision_id:
        raise UnreadableDocument(
            DocumentFault.OTHER_RECORD, f"it is that of final decision {decision.final_decision_id}"
        )
    return decision
