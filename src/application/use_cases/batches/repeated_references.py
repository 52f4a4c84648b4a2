"""Rows of a file whose reference another application has, and those that repeat a request."""

from collections.abc import Iterable, Mapping

from application.ports.batches.portfolio import DecidedLoans, LoanChunk, RefusedRow
from application.ports.decisions.decision_ledger import ApplicationReferenceTaken
from application.use_cases.decisions.assess_once import AssessmentResult
from application.use_cases.decisions.request_content import same_content
from domain.applications.application_reference import ApplicationReference
from domain.decisions.decision_record import DecisionRecord

_FIELD = "application_reference"
_REPEATED = "is repeated in this file for another application: give each application a reference of its own"


def without_taken(
    chunk: LoanChunk,
    decided: DecidedLoans,
    records: Iterable[DecisionRecord],
    taken: Mapping[ApplicationReference, ApplicationReferenceTaken],
) -> LoanChunk:
    """The chunk without the loans whose reference another decision has, or an earlier loan.

    The same request gets that decision, and the others are refused. `records` are those of the loans.
    """
    refused: dict[int, RefusedRow] = {}
    recorded: dict[int, DecisionRecord] = {}
    twins: dict[int, int] = {}
    known: dict[ApplicationReference, tuple[int, DecisionRecord]] = {}
    for row, record in enumerate(records):
        reference = record.reference
        if reference is None:
            continue
        if reference in taken:
            result = AssessmentResult.of(record, taken[reference])
            if isinstance(result, AssessmentResult):
                recorded[row] = result.record
            else:
                refused[row] = refusal_of(result)
        elif reference not in known:
            known[reference] = row, record
        elif same_content(record, known[reference][1]):
            twins[row] = known[reference][0]
        else:
            refused[row] = RefusedRow(_FIELD, _REPEATED)
    return decided.without(chunk, refused, recorded, twins)


def refusal_of(fault: Exception) -> RefusedRow:
    """Why a loan with the reference of another application is refused."""
    known = fault.decision_id if isinstance(fault, ApplicationReferenceTaken) else None
    act = "give this one a reference of its own"
    if known is None:
        return RefusedRow(_FIELD, f"belongs to another application: {act}")
    again = f"state it in supersedes to decide that application again, or {act}"
    return RefusedRow(_FIELD, f"belongs to another application, with decision {known}: {again}")
