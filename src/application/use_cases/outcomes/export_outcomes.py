"""Export loans with known outcomes as a file from which models are trained."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from application.ports.outcomes.outcome_records import LoanRecord, OutcomeRecords, TrainingFiles
from application.use_cases.audit.record_event import RecordEvent
from domain.access.user import Actor, Permission
from domain.applications.synthetic import is_synthetic
from domain.audit.event import Detail, EventKind
from domain.decisions.decision_record import DecisionRecord
from domain.month import Month
from domain.outcomes.label import MONTHS_TO_MATURITY, known_on
from domain.outcomes.loan import Loan
from domain.outcomes.training_status import training_status
from domain.products.product_definition import ProductDefinition

STATUS, ISSUED, SYNTHETIC = "loan_status", "issue_d", "synthetic"
_OUTCOMES = (ISSUED, STATUS, "int_rate", "funded_amnt", "total_pymnt", "recoveries", "grade", "decision_id")
_REPORT_EVERY = 1000


@dataclass(frozen=True, slots=True)
class ExportWanted:
    """Which loans are exported, as known on the day `as_of`.

    Loans booked less than 12 months before are left out unless `recent`: of these only early endings are known, so
    that they would make defaults look more frequent than they are. `synthetic` loans are marked in a column.
    """

    as_of: date
    recent: bool = False
    synthetic: bool = False


@dataclass(slots=True)
class ExportedOutcomes:
    """The number of loans read, of those exported and of those that defaulted, and of those left out by reason."""

    read: int = 0
    exported: int = 0
    defaults: int = 0
    immature: int = 0
    recent: int = 0
    synthetic: int = 0
    other_product: int = 0
    unreadable: list[str] = field(default_factory=list)
    archived: int = 0


def _unreported(counts: ExportedOutcomes) -> None:
    """Report no progress."""


@dataclass(frozen=True, slots=True)
class ExportOutcomes:
    """Writes a loan for each row, with the fields of its application and what became of it.

    References of applicants and lenders are left out: a model needs none of them.
    """

    records: OutcomeRecords
    files: TrainingFiles
    product: ProductDefinition
    record_event: RecordEvent

    async def __call__(
        self,
        path: Path,
        wanted: ExportWanted,
        *,
        by: Actor,
        on_progress: Callable[[ExportedOutcomes], None] = _unreported,
    ) -> ExportedOutcomes:
        """Write the file and record that it was written; raises PermissionDenied and TrainingFileNotWritable."""
        by.require(Permission.READ_PERFORMANCE)
        by.require(Permission.READ_ALL_DECISIONS)
        counts = ExportedOutcomes()
        columns = [*(each.name for each in self.product.fields), *_OUTCOMES]
        if wanted.synthetic:
            columns.append(SYNTHETIC)
        with self.files.create(path, columns) as file:
            async for record in self.records.loans():
                counts.read += 1
                row = self._row(record, wanted, counts)
                if row is not None:
                    file.add(row)
                if not counts.read % _REPORT_EVERY:
                    on_progress(counts)
            details: dict[str, Detail] = {
                "name": path.name,
                "loans": counts.exported,
                "as_of": wanted.as_of.isoformat(),
            }
            await self.record_event(EventKind.OUTCOMES_EXPORTED, by=by, details=details)
        return counts

    def _row(
        self, record: LoanRecord, wanted: ExportWanted, counts: ExportedOutcomes
    ) -> Mapping[str, object] | None:
        """The row of a loan that is exported; others are counted."""
        decision = record.decision
        if record.loan is None:
            counts.unreadable.append(record.problem)
        elif decision is None:
            counts.archived += 1
        elif not isinstance(decision, DecisionRecord):
            counts.unreadable.append(f"decision {decision.decision_id}: {decision.problem}")
        elif decision.application.product.name != self.product.name:
            counts.other_product += 1
        elif is_synthetic(decision.identity) and not wanted.synthetic:
            counts.synthetic += 1
        else:
            return self._labelled(known_on(record.loan, wanted.as_of), decision, wanted, counts)
        return None

    def _labelled(
        self, loan: Loan, decision: DecisionRecord, wanted: ExportWanted, counts: ExportedOutcomes
    ) -> Mapping[str, object] | None:
        status, last, booked_on = training_status(loan), loan.last, loan.booked_on
        if status is None or last is None or booked_on is None:
            counts.immature += 1
            return None
        booked = Month(booked_on.year, booked_on.month)
        if not wanted.recent and booked.later(MONTHS_TO_MATURITY + 1).first_day > wanted.as_of:
            counts.recent += 1
            return None
        counts.exported += 1
        counts.defaults += loan.defaulted_on is not None
        paid, recovered = last.stated.amounts.paid, last.stated.amounts.recovered
        return {
            **self.product.values_of(decision.application),
            ISSUED: booked_on.isoformat(),
            STATUS: status,
            "int_rate": round(100 * decision.decision.annual_rate, 6),
            "funded_amnt": loan.amount.dollars,
            "total_pymnt": None if paid is None else paid.dollars,
            "recoveries": None if recovered is None else recovered.dollars,
            "grade": decision.decision.grade,
            "decision_id": str(decision.decision_id),
            SYNTHETIC: "yes" if is_synthetic(decision.identity) else "",
        }
