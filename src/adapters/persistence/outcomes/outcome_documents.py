"""The documents of outcomes of loans, the exact bytes that the audit trail covers."""

from datetime import date, datetime
from uuid import UUID

import msgspec

from domain.access.user import Actor
from domain.applications.money import Money
from domain.outcomes.loan_outcome import LoanAmounts, LoanOutcome, LoanOutcomeKind, StatedOutcome
from domain.outcomes.loan_status import LoanStatus
from domain.stored_document import DocumentFault, DocumentKind, UnreadableDocument

LOAN_OUTCOME = DocumentKind("loan outcome")
"""When the content changes, append an upgrade, and a sample to `tests/upgrades/documents`."""
_LONGEST_FAULT = 120


class _Content(msgspec.Struct, omit_defaults=True):
    """The content of a document in the current schema. Amounts are whole cents."""

    kind: str
    schema: int
    action: LoanOutcomeKind
    outcome_id: UUID
    application_id: UUID
    number: int
    at: datetime
    actor: Actor
    status: LoanStatus
    as_of: date
    booked_on: date
    days_past_due: int | None = None
    outstanding: int | None = None
    paid: int | None = None
    charged_off: int | None = None
    recovered: int | None = None
    corrects: UUID | None = None
    reason: str = ""


_encoder = msgspec.json.Encoder()


def encode(outcome: LoanOutcome) -> bytes:
    """The outcome's document in UTF-8."""
    stated = outcome.stated
    return _encoder.encode(
        _Content(
            kind=LOAN_OUTCOME.name,
            schema=LOAN_OUTCOME.schema,
            action=outcome.kind,
            outcome_id=outcome.outcome_id,
            application_id=outcome.application_id,
            number=outcome.number,
            at=outcome.at,
            actor=outcome.actor,
            status=stated.status,
            as_of=stated.as_of,
            booked_on=outcome.booked_on,
            days_past_due=stated.days_past_due,
            **{name: amount.cents for name, amount in stated.amounts.stated()},
            corrects=outcome.corrects,
            reason=outcome.reason,
        )
    )


def decode(document: str | bytes, outcome_id: UUID) -> LoanOutcome:
    """The outcome in a document of any schema. Raises UnreadableDocument."""
    try:
        content = LOAN_OUTCOME.upgraded(msgspec.json.decode(document))
        outcome = _outcome(msgspec.convert({"kind": LOAN_OUTCOME.name, "schema": 1, **content}, _Content))
    except UnreadableDocument:
        raise
    except (msgspec.DecodeError, UnicodeError, RecursionError) as fault:
        if not isinstance(fault, msgspec.ValidationError):
            why = f"it is not valid JSON ({str(fault)[:_LONGEST_FAULT]})"
            raise UnreadableDocument(DocumentFault.NOT_JSON, why) from fault
        why = f"its content is invalid ({str(fault)[:_LONGEST_FAULT]})"
        raise UnreadableDocument(DocumentFault.INVALID_CONTENT, why) from fault
    except ValueError as fault:
        why = f"its content is invalid ({str(fault)[:_LONGEST_FAULT]})"
        raise UnreadableDocument(DocumentFault.INVALID_CONTENT, why) from fault
    if outcome.outcome_id != outcome_id:
        why = f"it is the document of outcome {outcome.outcome_id}"
        raise UnreadableDocument(DocumentFault.OTHER_RECORD, why)
    return outcome


def _outcome(content: _Content) -> LoanOutcome:
    names = ("outstanding", "paid", "charged_off", "recovered")
    cents = {name: getattr(content, name) for name in names}
    amounts = LoanAmounts(**{name: Money(each) for name, each in cents.items() if each is not None})
    stated = StatedOutcome(content.status, content.as_of, content.booked_on, content.days_past_due, amounts)
    return LoanOutcome(
        content.outcome_id,
        content.application_id,
        content.number,
        content.at,
        content.actor,
        stated,
        content.corrects,
        content.reason,
    )
