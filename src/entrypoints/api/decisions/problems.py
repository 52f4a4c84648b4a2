"""The problems of exceptions about decisions."""

from application.ports.decisions.decision_ledger import CommitUnconfirmed, LedgerUnavailable
from application.ports.models.version_not_archived import VersionNotArchived
from application.use_cases.decisions.read_decisions import DecisionNotFound, DecisionUnreadable
from application.use_cases.decisions.try_what_if import ProductChanged
from domain.applications.bureau_fields import BUREAU_REPORT_DATE
from domain.decisions.bureau_data import ALLOWED
from domain.decisions.circumstances import BureauReportInFuture
from entrypoints.api.http.problem_makers import RETRY, Problems, Resources, problem, sentence
from entrypoints.api.http.problems import FieldError, RequestRejected, invalid


def _report_in_future(error: BureauReportInFuture) -> RequestRejected:
    problem = f"is after today, {error.today} (UTC)"
    fault = FieldError(BUREAU_REPORT_DATE, problem, ALLOWED[BUREAU_REPORT_DATE], str(error.report_date))
    return invalid("invalid-application", "Invalid loan application", [fault])


def _unreadable_decision(error: DecisionUnreadable) -> RequestRejected:
    decision = error.decision
    digest = f" Its SHA-256 is {decision.digest}." if decision.digest else ""
    detail = (
        f"{sentence(error)} It was decided at {decision.decided_at.isoformat()}.{digest} "
        "An operator can compare it with the audit trail."
    )
    return RequestRejected(500, "decision-unreadable", "Decision cannot be read", detail)


def _not_reproducible(error: VersionNotArchived) -> RequestRejected:
    detail = f"{sentence(error)} The recorded decision is unchanged."
    return RequestRejected(409, "not-reproducible", "Decision cannot be reproduced", detail)


_decision_not_found = problem(404, "no-such-decision", "Decision not found")
RESOURCES: Resources = (("/api/v1/decisions/", "decision", _decision_not_found),)

PROBLEMS: Problems = {
    BureauReportInFuture: _report_in_future,
    DecisionNotFound: _decision_not_found,
    DecisionUnreadable: _unreadable_decision,
    VersionNotArchived: _not_reproducible,
    ProductChanged: problem(409, "product-changed", "Other product in force"),
    LedgerUnavailable: problem(
        503,
        "ledger-unavailable",
        "Decision could not be recorded",
        "This request recorded no decision. Try again shortly, with the same Idempotency-Key if you sent one: "
        "another request with that key may be in progress.",
        headers=RETRY,
    ),
    CommitUnconfirmed: problem(
        503,
        "outcome-unknown",
        "Decision not confirmed",
        "The database did not confirm in time that the decision was recorded. Resubmitting with the same "
        "Idempotency-Key is safe and returns one decision. Without a key it may create a second one.",
        headers=RETRY,
    ),
}
