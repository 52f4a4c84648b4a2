"""What the rows of a file add to the loans that they name, decided in the domain before anything is written."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from uuid import UUID

from application.ports.operations.identifiers import Identifiers
from application.ports.outcomes.loan_outcomes import LoanKey, StoredLoan
from application.ports.outcomes.outcome_files import OutcomeRow, RefusedRow
from domain.access.user import Actor
from domain.outcomes.loan import Loan, LoanRuleViolation
from domain.outcomes.loan_outcome import InvalidLoanOutcome, LoanOutcome, StatedOutcome

_Record = Callable[[Loan, StatedOutcome], LoanOutcome]


@dataclass(slots=True)
class JudgedRows:
    """New outcomes by loan, the number of rows that state what is recorded already, and refused rows."""

    outcomes: list[LoanOutcome] = field(default_factory=list)
    loans: list[StoredLoan] = field(default_factory=list)
    repeated: int = 0
    refused: list[RefusedRow] = field(default_factory=list)

    @property
    def recorded(self) -> int:
        """Number of new outcomes."""
        return len(self.outcomes)


@dataclass(frozen=True, slots=True)
class JudgeRows:
    """Judges rows of one loan in the order of their days, whatever their order in the file."""

    identifiers: Identifiers

    def __call__(
        self,
        rows: Sequence[OutcomeRow],
        found: Mapping[LoanKey, StoredLoan | str],
        *,
        by: Actor,
        at: datetime,
        latest: date,
    ) -> JudgedRows:
        """What the rows add; `found` has the loan of each key, or why there is none."""

        def record(loan: Loan, stated: StatedOutcome) -> LoanOutcome:
            return loan.record(stated, outcome_id=self.identifiers.new(), by=by, at=at, latest=latest)

        judged = JudgedRows()
        loans: dict[UUID, StoredLoan] = {}
        rows_of: dict[UUID, list[OutcomeRow]] = {}
        for row in rows:
            stored = found[row.key]
            if isinstance(stored, str):
                judged.refused.append(_refused(row, "application_reference", row.shown_key, stored))
                continue
            application_id = stored.loan.application_id
            loans.setdefault(application_id, stored)
            rows_of.setdefault(application_id, []).append(row)
        for application_id in sorted(loans):  # concurrent imports lock loans in the same order
            before = loans[application_id]
            after = _loan(before, rows_of[application_id], judged, record)
            if after.loan.version > before.loan.version:
                judged.loans.append(after)
                judged.outcomes += after.loan.history[before.loan.version :]
        judged.refused.sort(key=lambda each: each.row)
        return judged


def _loan(stored: StoredLoan, rows: Iterable[OutcomeRow], judged: JudgedRows, record: _Record) -> StoredLoan:
    loan = stored.loan
    for row in sorted(rows, key=lambda each: (each.stated.as_of, each.row)):
        if loan.repeated(row.stated) is not None:
            judged.repeated += 1
            continue
        try:
            loan = loan.after(record(loan, row.stated))
        except InvalidLoanOutcome as fault:
            judged.refused += [_refused(row, each.field, "", each.text) for each in fault.faults]
        except LoanRuleViolation as fault:
            judged.refused.append(_refused(row, "status", row.stated.status.value, str(fault)))
    return replace(stored, loan=loan)


def _refused(row: OutcomeRow, field_name: str, value: str, why: str) -> RefusedRow:
    return RefusedRow(row.row, row.line, row.shown_key, field_name, value, why)
