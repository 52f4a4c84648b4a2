"""The problems of exceptions about outcomes of loans and their imports."""

from msgspec import UNSET

from application.ports.outcomes.loan_outcomes import LoanConflict, LoanUnreadable
from application.ports.outcomes.outcome_imports import ImportNotFound
from application.use_cases.outcomes.read_vintages import InvalidMonths
from application.use_cases.outcomes.record_loan_outcome import LoanChanged
from domain.outcomes.loan import LoanRuleViolation
from domain.outcomes.loan_outcome import InvalidLoanOutcome
from entrypoints.api.http.problem_makers import (
    RETRY,
    Problems,
    Resources,
    invalid_parameter,
    problem,
    rule_problem,
)
from entrypoints.api.http.problems import FieldError, RequestRejected, invalid


def _invalid_loan_outcome(error: InvalidLoanOutcome) -> RequestRejected:
    faults = [FieldError(each.field, each.problem, each.allowed or UNSET) for each in error.faults]
    return invalid("invalid-outcome", "Invalid outcome of a loan", faults)


_import_not_found = problem(404, "no-such-import", "Import not found")
RESOURCES: Resources = (("/api/v1/outcome-imports/", "import", _import_not_found),)

PROBLEMS: Problems = {
    InvalidMonths: invalid_parameter("months"),
    LoanRuleViolation: rule_problem("Nothing was recorded."),
    InvalidLoanOutcome: _invalid_loan_outcome,
    LoanChanged: problem(412, "loan-changed", "Loan changed"),
    LoanConflict: problem(
        409,
        "loan-conflict",
        "Loan changed at the same time",
        "Others record outcomes of this loan at the same time. Nothing was done. Try again shortly.",
        headers=RETRY,
    ),
    ImportNotFound: _import_not_found,
    LoanUnreadable: problem(500, "loan-unreadable", "Loan cannot be read"),
}
