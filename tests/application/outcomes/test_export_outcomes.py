"""The training file: which loans it has, which it leaves out and says so, and that a model is trained from it."""

import asyncio
import csv
import gzip
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from click.testing import CliRunner

from adapters.loan_files.outcomes.training_files import CsvTrainingFiles
from adapters.system import TimeOrderedIdentifiers
from application.ports.outcomes.outcome_records import LoanRecord, OutcomeRecords, TrainingFileNotWritable
from application.use_cases.audit.event_factory import EventFactory
from application.use_cases.audit.record_event import RecordEvent
from application.use_cases.outcomes.export_outcomes import ExportedOutcomes, ExportOutcomes, ExportWanted
from domain.access.user import Actor, PermissionDenied, Role
from domain.applications.application_identity import ApplicationIdentity
from domain.applications.money import Money
from domain.applications.synthetic import SYNTHETIC_SOURCE
from domain.audit.event import EventKind
from domain.decisions.unreadable_decision import UnreadableDecision
from domain.outcomes.loan import Loan
from domain.outcomes.loan_outcome import LoanAmounts, LoanOutcome, StatedOutcome
from domain.outcomes.loan_status import LoanStatus
from domain.products.personal_loan import PERSONAL_LOAN
from entrypoints.cli import train
from support.builders import A_MOMENT, a_decision_record
from support.loan_rows import finished_loans
from support.memory.clock import FixedClock
from support.memory.decisions import MemoryDecisions

RITA = Actor("rita", Role.RISK_MANAGER)
S = LoanStatus
AS_OF = date(2026, 6, 30)


class Records(OutcomeRecords):
    def __init__(self, records: Sequence[LoanRecord]) -> None:
        self._records = records

    async def loans(self) -> AsyncIterator[LoanRecord]:
        for record in self._records:
            yield record


def a_loan(*outcomes: tuple[LoanStatus, date], booked_on: date = date(2025, 1, 15)) -> Loan:
    loan = Loan(uuid4(), Money(900_000))
    for number, (status, as_of) in enumerate(outcomes, 1):
        stated = StatedOutcome(status, as_of, booked_on, None, LoanAmounts(paid=Money(100_000 * number)))
        loan = loan.after(LoanOutcome(uuid4(), loan.application_id, number, A_MOMENT, RITA, stated))
    return loan


def recorded(loan: Loan | None, source: str | None = None, **changed: object) -> LoanRecord:
    identity = ApplicationIdentity("LN-1", "C-1", source)
    return LoanRecord(loan, a_decision_record(identity=identity, **changed))


def exported(
    path: Path,
    records: Sequence[LoanRecord],
    *,
    by: Actor = RITA,
    memory: MemoryDecisions | None = None,
    **options: bool,
) -> ExportedOutcomes:
    record = RecordEvent(memory or MemoryDecisions(), EventFactory(FixedClock(A_MOMENT), TimeOrderedIdentifiers()))
    export = ExportOutcomes(Records(records), CsvTrainingFiles(), PERSONAL_LOAN, record)
    return asyncio.run(export(path, ExportWanted(AS_OF, **options), by=by))


def rows_of(path: Path) -> list[dict[str, str]]:
    with gzip.open(path, "rt") if path.suffix == ".gz" else path.open() as file:
        return list(csv.DictReader(file))


def test_labelled_loans_are_rows_with_application_and_outcome(tmp_path: Path) -> None:
    loans = [
        a_loan((S.PERFORMING, date(2025, 6, 30)), (S.PAID, date(2026, 3, 31))),
        a_loan((S.CHARGED_OFF, date(2025, 9, 30))),
        a_loan((S.DEFAULTED, date(2025, 9, 30)), (S.PAID, date(2026, 1, 31))),
        a_loan((S.PERFORMING, date(2026, 2, 28))),
    ]
    path = tmp_path / "training.csv"
    counts = exported(path, [recorded(loan) for loan in loans])
    rows = rows_of(path)

    assert [row["loan_status"] for row in rows] == ["Fully Paid", "Charged Off", "Default", "No Default"]
    assert (counts.exported, counts.defaults) == (4, 2)
    first = rows[0]
    assert (first["issue_d"], first["funded_amnt"], first["total_pymnt"]) == ("2025-01-15", "9000", "2000")
    assert (first["annual_inc"], first["purpose"]) == ("64000.5", "credit_card")
    assert not {"application_reference", "applicant_reference", "synthetic"} & first.keys()
    assert (path.stat().st_mode & 0o777, [each.name for each in tmp_path.iterdir()]) == (0o600, ["training.csv"])


def test_loans_that_are_left_out_are_counted_by_reason(tmp_path: Path) -> None:
    paid = a_loan((S.PAID, date(2026, 3, 31)))
    unreadable = UnreadableDecision(uuid4(), A_MOMENT, "portal", None, "it is not valid JSON")
    records = [
        recorded(a_loan((S.PERFORMING, date(2025, 6, 30)))),
        recorded(a_loan((S.CHARGED_OFF, date(2026, 3, 31)), booked_on=date(2025, 12, 1))),
        recorded(paid, source=SYNTHETIC_SOURCE),
        LoanRecord(paid, None),
        LoanRecord(paid, unreadable),
        LoanRecord(None, None, "loan 1: it is not valid JSON"),
        recorded(paid),
    ]
    counts = exported(tmp_path / "training.csv", records)
    assert (counts.read, counts.exported, counts.immature, counts.recent) == (7, 1, 1, 1)
    assert (counts.synthetic, counts.archived, len(counts.unreadable)) == (1, 1, 2)


def test_recent_and_synthetic_loans_are_included_where_asked_for(tmp_path: Path) -> None:
    records = [
        recorded(a_loan((S.CHARGED_OFF, date(2026, 3, 31)), booked_on=date(2025, 12, 1))),
        recorded(a_loan((S.PAID, date(2026, 3, 31))), source=SYNTHETIC_SOURCE),
    ]
    path = tmp_path / "training.csv.gz"
    counts = exported(path, records, recent=True, synthetic=True)
    assert counts.exported == 2
    assert [row["synthetic"] for row in rows_of(path)] == ["", "yes"]


def test_what_happened_later_is_not_known_on_the_day(tmp_path: Path) -> None:
    later = (S.CHARGED_OFF, AS_OF + timedelta(days=1))
    loan = a_loan((S.PERFORMING, date(2026, 2, 28)), later)
    exported(tmp_path / "training.csv", [recorded(loan)])
    assert [row["loan_status"] for row in rows_of(tmp_path / "training.csv")] == ["No Default"]


def test_the_export_is_on_the_audit_trail(tmp_path: Path) -> None:
    memory = MemoryDecisions()
    exported(tmp_path / "training.csv", [recorded(a_loan((S.PAID, date(2026, 3, 31))))], memory=memory)
    (event,) = memory._events.values()
    assert (event.kind, event.actor, event.details["loans"]) == (EventKind.OUTCOMES_EXPORTED, "rita", 1)


@pytest.mark.parametrize("role", [Role.SERVICE, Role.LOAN_OFFICER, Role.ADMIN])
def test_other_roles_export_nothing(tmp_path: Path, role: Role) -> None:
    with pytest.raises(PermissionDenied):
        exported(tmp_path / "training.csv", [], by=Actor("x", role))
    assert not (tmp_path / "training.csv").exists()


@pytest.mark.parametrize("name", ["training.parquet", "nowhere/training.csv"])
def test_a_file_that_cannot_be_written_is_named(tmp_path: Path, name: str) -> None:
    with pytest.raises(TrainingFileNotWritable, match="training"):
        exported(tmp_path / name, [])


def test_a_failure_leaves_no_file(tmp_path: Path) -> None:
    class Failing(Records):
        async def loans(self) -> AsyncIterator[LoanRecord]:
            yield self._records[0]
            raise ConnectionError("the database is gone")

    record = RecordEvent(MemoryDecisions(), EventFactory(FixedClock(A_MOMENT), TimeOrderedIdentifiers()))
    loan = recorded(a_loan((S.PAID, date(2026, 3, 31))))
    export = ExportOutcomes(Failing([loan]), CsvTrainingFiles(), PERSONAL_LOAN, record)
    with pytest.raises(ConnectionError):
        asyncio.run(export(tmp_path / "training.csv", ExportWanted(AS_OF), by=RITA))
    assert list(tmp_path.iterdir()) == []


def test_a_model_is_trained_from_the_export(tmp_path: Path) -> None:
    """Loans that the service decided become a model without any further preparation of the file."""
    records = [_record_of(loan) for loan in finished_loans(600)]
    path = tmp_path / "training.csv"
    assert exported(path, records).exported == 600
    arguments = [str(path), "--out", str(tmp_path / "model"), "--trees", "30", "--refits", "2"]
    done = CliRunner().invoke(train.command, arguments)
    assert done.exit_code == 0, done.output
    assert "rows read    600, rejected 0" in done.output


def _record_of(row: dict[str, str]) -> LoanRecord:
    numbers = ("annual_inc", "loan_amnt", "fico_range_low", "fico_range_high", "dti")
    counts = ("inq_last_6mths", "delinq_2yrs", "pub_rec")
    used = row["revol_util"].rstrip("%")
    form = {
        **{name: row[name].strip() for name in ("emp_length", "home_ownership", "term", "purpose")},
        **{name: float(row[name]) for name in numbers},
        **{name: int(row[name]) for name in counts},
        "revol_util": float(used) if used else None,
    }
    booked_on = datetime.strptime(row["issue_d"], "%b-%Y").date()  # noqa: DTZ007 - a day
    status = S.CHARGED_OFF if row["loan_status"] == "Charged Off" else S.PAID
    loan = a_loan((status, booked_on + timedelta(days=400)), booked_on=booked_on)
    application = PERSONAL_LOAN.application_from(form)
    return replace(recorded(loan), decision=a_decision_record(application=application))
