"""The use cases for outcomes of loans."""

from dataclasses import dataclass
from typing import Self

from application.ports.operations.clock import Clock
from application.ports.operations.identifiers import Identifiers
from application.ports.outcomes.loan_outcomes import LoanOutcomes
from application.ports.outcomes.outcome_imports import OutcomeImports
from application.ports.outcomes.vintages import Vintages
from application.use_cases.applications.read_applications import FindApplication
from application.use_cases.outcomes.import_outcomes import (
    ListOutcomeImports,
    ReadImportErrors,
    ReadOutcomeImport,
    SubmitOutcomeImport,
)
from application.use_cases.outcomes.read_loan import FindLoan
from application.use_cases.outcomes.read_vintages import ReadVintages
from application.use_cases.outcomes.record_loan_outcome import RecordLoanOutcome


@dataclass(frozen=True, slots=True)
class OutcomeUseCases:
    """The outcomes part of `UseCases`."""

    read: FindLoan
    record: RecordLoanOutcome
    submit_import: SubmitOutcomeImport
    read_import: ReadOutcomeImport
    list_imports: ListOutcomeImports
    import_errors: ReadImportErrors
    read_vintages: ReadVintages

    @classmethod
    def over(
        cls,
        *,
        applications: FindApplication,
        outcomes: LoanOutcomes,
        imports: OutcomeImports,
        vintages: Vintages,
        clock: Clock,
        identifiers: Identifiers,
    ) -> Self:
        """All use cases over one store."""
        find = FindLoan(applications, outcomes, clock)
        return cls(
            read=find,
            record=RecordLoanOutcome(find, identifiers),
            submit_import=SubmitOutcomeImport(imports, clock, identifiers),
            read_import=ReadOutcomeImport(imports),
            list_imports=ListOutcomeImports(imports),
            import_errors=ReadImportErrors(imports),
            read_vintages=ReadVintages(vintages, clock),
        )
