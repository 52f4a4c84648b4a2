"""From loans and imports to responses."""

from collections.abc import Mapping
from uuid import UUID

from application.ports.outcomes.loan_outcomes import StoredLoan
from application.ports.outcomes.outcome_imports import ImportPage
from application.use_cases.outcomes.record_loan_outcome import RecordedLoanOutcome
from domain.applications.application_identity import ApplicationIdentity
from domain.applications.money import Money
from domain.applications.synthetic import is_synthetic
from domain.outcomes.label import label, observation
from domain.outcomes.loan import Loan
from domain.outcomes.loan_outcome import LoanOutcome
from domain.outcomes.outcome_import import OutcomeImport
from entrypoints.api.outcomes.schemas import (
    ImportProgressResponse,
    LabelText,
    LoanOutcomeResponse,
    LoanResponse,
    OutcomeImportList,
    OutcomeImportResponse,
    RecordedOutcomeResponse,
)

LABELS: Mapping[bool | None, LabelText] = {True: "default", False: "no_default", None: "immature"}


def recorded_outcome(recorded: RecordedLoanOutcome) -> RecordedOutcomeResponse:
    """An outcome after it was recorded."""
    loan = recorded.after.loan
    return RecordedOutcomeResponse(
        outcome=outcome_response(recorded.outcome, _corrections(loan)),
        repeated=recorded.repeated,
        loan=loan_response(recorded.after),
    )


def loan_response(stored: StoredLoan) -> LoanResponse:
    """A loan with the history of its outcomes."""
    loan, known = stored.loan, observation(stored.loan)
    corrections = _corrections(loan)
    return LoanResponse(
        application_id=loan.application_id,
        decision_id=stored.decision_id,
        amount=loan.amount.dollars,
        status=None if loan.last is None else loan.last.stated.status.value,
        as_of=None if known is None else known.status_on,
        booked_on=loan.booked_on,
        closed_on=loan.closed_on,
        defaulted_on=loan.defaulted_on,
        matures_on=None if known is None else known.matures_on,
        label=LABELS[label(loan)],
        probability_of_default=stored.pd,
        synthetic=is_synthetic(ApplicationIdentity(source=stored.source)),
        outcomes=[outcome_response(each, corrections) for each in loan.history],
        etag=etag(loan),
    )


def etag(loan: Loan) -> str:
    """Identifies the state of a loan."""
    return f'"{loan.version}"'


def outcome_response(outcome: LoanOutcome, corrections: dict[UUID, UUID] | None = None) -> LoanOutcomeResponse:
    """An outcome; `corrections` are the outcomes that replace others, by these."""
    stated = outcome.stated
    return LoanOutcomeResponse(
        outcome_id=outcome.outcome_id,
        application_id=outcome.application_id,
        number=outcome.number,
        status=stated.status.value,
        as_of=stated.as_of,
        booked_on=outcome.booked_on,
        days_past_due=stated.days_past_due,
        outstanding=_dollars(stated.amounts.outstanding),
        paid=_dollars(stated.amounts.paid),
        charged_off=_dollars(stated.amounts.charged_off),
        recovered=_dollars(stated.amounts.recovered),
        corrects=outcome.corrects,
        corrected_by=(corrections or {}).get(outcome.outcome_id),
        reason=outcome.reason,
        recorded_at=outcome.at,
        recorded_by=outcome.actor.name,
    )


def import_response(wanted: OutcomeImport) -> OutcomeImportResponse:
    """An import and its progress."""
    progress = wanted.progress
    return OutcomeImportResponse(
        import_id=wanted.import_id,
        name=wanted.name,
        state=wanted.state.value,
        progress=ImportProgressResponse(
            progress.share_done, progress.rows_read, progress.recorded, progress.repeated, progress.refused
        ),
        as_of=wanted.as_of,
        submitted_at=wanted.submitted_at,
        started_at=wanted.started_at,
        finished_at=wanted.finished_at,
        requested_by=wanted.requested_by.name,
        size=wanted.size,
        sha256=wanted.digest.hex(),
        fault=wanted.fault,
    )


def import_list(page: ImportPage) -> OutcomeImportList:
    """A page of imports."""
    return OutcomeImportList([import_response(each) for each in page.imports], page.next_before)


def _corrections(loan: Loan) -> dict[UUID, UUID]:
    return {each.corrects: each.outcome_id for each in loan.history if each.corrects is not None}


def _dollars(amount: Money | None) -> float | None:
    return None if amount is None else amount.dollars
