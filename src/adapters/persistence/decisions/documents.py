"""The document of a decision: its whole record as JSON, the exact bytes that the audit trail covers.

Fields are in the order of the domain's dataclasses and floats in their shortest exact form, so that the same
record always gives the same bytes and vice versa. A document is one line, since JSON escapes line breaks.
"""

import msgspec

from application.ports.decisions.decision_ledger import RecordRefused
from domain.decisions.decision_record import DecisionRecord

_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder(DecisionRecord)


def encode(record: DecisionRecord) -> bytes:
    """The record's document in UTF-8. Raises RecordRefused for invalid text (half of a surrogate pair)."""
    try:
        return _encoder.encode(record)
    except UnicodeEncodeError as fault:
        raise RecordRefused(f"the record has text that cannot be encoded: {fault.reason}") from fault


def decode(document: str | bytes) -> DecisionRecord:
    """The record in the document. Raises msgspec.DecodeError."""
    return _decoder.decode(document)
