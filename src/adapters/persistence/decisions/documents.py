"""The document of a decision: its whole record as JSON, byte for byte what the audit trail vouches for.

Fields stand in the order of the domain's dataclasses and floats in their shortest exact form, so that the same
record always gives the same bytes, and the bytes the same record. A document is one line: JSON knows no break.
"""

import msgspec

from application.ports.decisions.decision_ledger import RecordRefused
from domain.decisions.decision_record import DecisionRecord

_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder(DecisionRecord)


def encode(record: DecisionRecord) -> bytes:
    """The record's document, in UTF-8; raises RecordRefused for text that is none (half of a surrogate pair)."""
    try:
        return _encoder.encode(record)
    except UnicodeEncodeError as fault:
        raise RecordRefused(f"the record holds text that cannot be written: {fault.reason}") from fault


def decode(document: str | bytes) -> DecisionRecord:
    """The record that the document holds; raises msgspec.DecodeError when it holds none."""
    return _decoder.decode(document)
