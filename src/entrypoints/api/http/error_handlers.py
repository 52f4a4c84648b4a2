"""From exceptions to problem details."""

import logging
import math
from collections.abc import Callable
from datetime import timedelta
from http import HTTPStatus
from typing import Any
from uuid import UUID

import msgspec
from litestar import Request, Response
from litestar.exceptions import HTTPException, ValidationException
from msgspec import UNSET

from application.ports.access.login_attempts import TooManyAttempts
from application.ports.access.request_rates import TooManyRequests
from application.ports.applications.applications import ApplicationConflict
from application.ports.batches.batch_content import MAX_BATCH_BYTES, BatchEmpty, BatchTooLarge
from application.ports.batches.batches import BatchNotFound, TooManyUploads, UploadUnconfirmed
from application.ports.cases.cases import CaseConflict, CaseNotFound, CaseUnreadable
from application.ports.decisions.decision_archive import InvalidCursor
from application.ports.decisions.decision_ledger import (
    ApplicationReferenceTaken,
    CommitUnconfirmed,
    LedgerUnavailable,
)
from application.ports.decisions.idempotency import KeyReused, OriginalResponseUnavailable
from application.ports.models.version_not_archived import VersionNotArchived
from application.ports.notices.letters import LetterFailed, LetterNotPrintable
from application.ports.notices.notices import NoticeConflict, NoticeNotFound, NoticeUnreadable
from application.ports.operations.dependencies import DependencyUnavailable
from application.ports.outcomes.loan_outcomes import LoanConflict, LoanUnreadable
from application.ports.outcomes.outcome_imports import ImportNotFound
from application.ports.reconsiderations.reconsiderations import (
    ReconsiderationConflict,
    ReconsiderationUnreadable,
)
from application.ports.webhooks.subscriptions import SubscriptionNotFound, TooManySubscriptions
from application.use_cases.access.log_in import InvalidCredentials
from application.use_cases.access.login_records import LoginNotRecorded
from application.use_cases.access.manage_users import NameTaken, UserChanged, UserNotFound
from application.use_cases.access.web_sessions import SessionNotFound
from application.use_cases.applications.change_application import ApplicationChanged
from application.use_cases.applications.read_applications import ApplicationNotFound
from application.use_cases.applications.supersede_decision import SupersededDecisionNotFound
from application.use_cases.audit.export_evidence import ExportNotRecorded, SelectionEmpty, SelectionTooLarge
from application.use_cases.audit.read_verifications import VerificationNotFound
from application.use_cases.batches.read_batches import BatchNotFinished
from application.use_cases.decisions.read_decisions import DecisionNotFound, DecisionUnreadable, PageTooLarge
from application.use_cases.decisions.try_what_if import ProductChanged
from application.use_cases.notices.deliver_notice import LetterAltered
from application.use_cases.outcomes.read_vintages import InvalidMonths
from application.use_cases.outcomes.record_loan_outcome import LoanChanged
from domain.access.account import PasswordChangeRequired
from domain.access.password_policy import PasswordNotAllowed
from domain.access.user import LastAdmin, OwnAccount, PermissionDenied
from domain.access.user_name import InvalidUsername
from domain.applications.application_action import InvalidWithdrawal
from domain.applications.application_life import ApplicationRuleViolation
from domain.applications.bureau_fields import BUREAU_REPORT_DATE
from domain.applications.superseding import SUPERSEDES, SupersedingRefused
from domain.batches.batch import AlreadyEnded
from domain.batches.kept_columns import InvalidKeptColumns
from domain.batches.quota import BatchQuotaExceeded
from domain.cases.case_errors import (
    CaseChanged,
    CaseEnded,
    CaseError,
    CaseHeld,
    CaseNotClaimed,
    InvalidCaseText,
    SecondApprovalNotPermitted,
    SecondPersonRequired,
    UnsuitableAssignee,
)
from domain.cases.counter_offer import CounterOfferNotApproved
from domain.cases.resolution import InvalidConditionChange, InvalidResolution
from domain.cases.resolution_errors import (
    AboveAuthority,
    AboveEveryAuthority,
    OwnViewRequired,
    ResolutionOutdated,
    ReviewNotPossible,
)
from domain.decisions.bureau_data import ALLOWED
from domain.decisions.circumstances import BureauReportInFuture
from domain.monitoring.period import InvalidPeriod, PeriodNotStarted
from domain.notices.completeness import NoticeIncomplete
from domain.notices.content import InvalidAddressee
from domain.notices.notice_errors import InvalidDelivery, NoticeChanged, NoticeError, NoticeNotOwed
from domain.outcomes.loan import LoanRuleViolation
from domain.outcomes.loan_outcome import InvalidLoanOutcome
from domain.reconsiderations.reconsideration_errors import ReconsiderationError, ReconsiderationNotFound
from domain.webhooks.subscription import InvalidSubscription
from domain.webhooks.webhook_url import InvalidWebhookUrl
from entrypoints.api.http.problems import (
    MEDIA_TYPE,
    PROBLEM_TYPE,
    FieldError,
    RequestRejected,
    invalid,
    shown_text,
    too_large,
)
from entrypoints.api.http.query import invalid_query, unreadable_query
from entrypoints.api.http.request_facts import observe, request_id
from entrypoints.api.http.responses import PRIVATE

SECONDS_UNTIL_RETRY = 2
_RETRY = (("Retry-After", str(SECONDS_UNTIL_RETRY)),)
_log = logging.getLogger(__name__)

_Problem = Callable[[Any], RequestRejected]


def handle_exception(request: Request[Any, Any, Any], error: Exception) -> Response[bytes]:
    """The response to any exception; an unexpected one is logged, and the response does not show it."""
    rejected = _rejected(request, error)
    scope = request.scope
    identifier = request_id(scope)
    observe(scope, problem=rejected.problem.type.removeprefix(PROBLEM_TYPE))
    problem = msgspec.structs.replace(rejected.problem, instance=_shown_path(scope["path"]), request_id=identifier)
    return Response(
        msgspec.json.encode(problem),
        status_code=problem.status,
        media_type=MEDIA_TYPE,
        headers={**PRIVATE, "X-Request-ID": identifier, **dict(rejected.headers)},
    )


def _rejected(request: Request[Any, Any, Any], error: Exception) -> RequestRejected:
    if isinstance(error, RequestRejected):
        return error
    for kind in type(error).__mro__:
        if kind in PROBLEMS:
            return PROBLEMS[kind](error)
    if isinstance(error, ValidationException):
        return unreadable_query(request, _unreadable(error))
    if isinstance(error, HTTPException) and error.status_code < HTTPStatus.INTERNAL_SERVER_ERROR:
        return _from_litestar(request, error)
    observe(request.scope, error=type(error).__name__)
    _log.error("a request failed unexpectedly", exc_info=error, extra={"request_id": request_id(request.scope)})
    return RequestRejected(
        500,
        "unexpected",
        "Unexpected error",
        "The error was logged. Quote request_id when you report it.",
    )


def _from_litestar(request: Request[Any, Any, Any], error: HTTPException) -> RequestRejected:
    status, path = HTTPStatus(error.status_code), request.scope["path"]
    detail = error.detail
    if status is HTTPStatus.NOT_FOUND:
        for beginning, kind, not_found in _RESOURCES:
            identifier = path.removeprefix(beginning).split("/")[0] if path.startswith(beginning) else ""
            if identifier and not _is_uuid(identifier):
                return not_found(f"there is no {kind} {shown_text(identifier)}: an identifier is a UUID")
        detail = "Nothing is at this path. /docs lists every path."
    elif status is HTTPStatus.METHOD_NOT_ALLOWED:
        detail = f"This path does not support {request.method}. The header Allow lists the methods it supports."
    headers = tuple((error.headers or {}).items())
    return RequestRejected(status, status.phrase.lower().replace(" ", "-"), status.phrase, detail, headers=headers)


def _unreadable(error: ValidationException) -> set[str]:
    """The names, in the handler, of the parameters that Litestar could not read."""
    messages: Any = error.extra or ()
    return {message["key"] for message in messages if "key" in message}


def _is_uuid(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True


def _shown_path(path: str) -> str:
    """The path without what JSON cannot hold."""
    return path.encode("utf-8", "replace").decode()[:200]


def _sentence(error: object) -> str:
    """The text of an error as a sentence."""
    text = str(error)
    return text[:1].upper() + text[1:].removesuffix(".") + "."


def _problem(status: int, name: str, title: str, detail: str = "", **options: Any) -> _Problem:
    """A problem with this detail, or else with the text of the error as its detail."""
    return lambda error: RequestRejected(status, name, title, detail or _sentence(error), **options)


def _invalid_parameter(name: str) -> _Problem:
    return lambda error: invalid_query([FieldError(name, str(error))])


def _permission_denied(error: PermissionDenied) -> RequestRejected:
    return RequestRejected(403, "not-permitted", "Permission denied", str(error), error="insufficient_scope")


def _password_not_allowed(error: PasswordNotAllowed) -> RequestRejected:
    errors = [FieldError("new_password", str(error))]
    return RequestRejected(
        422, "password-not-allowed", "Password not allowed", "The password was not changed.", errors=errors
    )


def _invalid_subscription(error: InvalidSubscription) -> RequestRejected:
    faults = [FieldError(name, fault) for name, fault in error.faults.items()]
    return invalid("invalid-body", "Invalid body", faults)


def _invalid_username(error: InvalidUsername) -> RequestRejected:
    return invalid("invalid-body", "Invalid body", [FieldError("name", str(error))])


def _invalid_delivery(error: InvalidDelivery) -> RequestRejected:
    return invalid("invalid-body", "Invalid body", [FieldError(error.field, str(error))])


def _invalid_addressee(error: InvalidAddressee) -> RequestRejected:
    return invalid("invalid-body", "Invalid body", [FieldError("addressee", str(error))])


def _notice_incomplete(error: NoticeIncomplete) -> RequestRejected:
    errors = [FieldError("", item) for item in error.missing]
    return RequestRejected(409, "notice-incomplete", "Notice incomplete", _sentence(error), errors=errors)


def _invalid_case_text(error: InvalidCaseText) -> RequestRejected:
    return invalid("invalid-body", "Invalid body", [FieldError("text", str(error))])


def _report_in_future(error: BureauReportInFuture) -> RequestRejected:
    problem = f"is after today, {error.today} (UTC)"
    fault = FieldError(BUREAU_REPORT_DATE, problem, ALLOWED[BUREAU_REPORT_DATE], str(error.report_date))
    return invalid("invalid-application", "Invalid loan application", [fault])


def _invalid_resolution(error: InvalidResolution) -> RequestRejected:
    return RequestRejected(422, "invalid-resolution", "Invalid resolution", _sentence(error))


def _not_reproducible(error: VersionNotArchived) -> RequestRejected:
    detail = f"{_sentence(error)} The recorded decision is unchanged."
    return RequestRejected(409, "not-reproducible", "Decision cannot be reproduced", detail)


def _unreadable_decision(error: DecisionUnreadable) -> RequestRejected:
    decision = error.decision
    digest = f" Its SHA-256 is {decision.digest}." if decision.digest else ""
    detail = (
        f"{_sentence(error)} It was decided at {decision.decided_at.isoformat()}.{digest} "
        "An operator can compare it with the audit trail."
    )
    return RequestRejected(500, "decision-unreadable", "Decision cannot be read", detail)


def _original_response_unavailable(error: OriginalResponseUnavailable) -> RequestRejected:
    detail = f"{_sentence(error)} Nothing was done. Use a new key."
    return RequestRejected(409, "first-answer-not-kept", "Original response unavailable", detail)


def _reference_taken(error: ApplicationReferenceTaken) -> RequestRejected:
    scope, text = shown_text(error.reference.scope), shown_text(error.reference.text)
    if error.decision_id is None:
        act = "Ask the users of that source, or give this application a reference of its own."
    else:
        act = (
            f"Decision {error.decision_id} is the newest one on it. To decide that application again, send "
            "this identifier as supersedes, and supersedes_reason. Otherwise give this application a reference "
            "of its own."
        )
    detail = f'The reference "{text}" of "{scope}" belongs to another application. Nothing was recorded. {act}'
    return RequestRejected(
        409,
        "application-reference-taken",
        "Application reference taken",
        detail,
        decision_id=error.decision_id,
    )


def _too_many_attempts(error: TooManyAttempts) -> RequestRejected:
    seconds = _whole_seconds(error.wait)
    return RequestRejected(
        429,
        "too-many-attempts",
        "Too many login attempts",
        f"{_sentence(error)} The password was not checked. Try again in {seconds} s.",
        headers=(("Retry-After", str(seconds)),),
    )


def _too_many_requests(error: TooManyRequests) -> RequestRejected:
    seconds = _whole_seconds(error.wait)
    return RequestRejected(
        429,
        "too-many-requests",
        "Too many requests",
        f"{_sentence(error)} Nothing was done. Try again in {seconds} s.",
        headers=(
            ("Retry-After", str(seconds)),
            ("RateLimit-Policy", f'"caller";q={error.burst}'),
            ("RateLimit", f'"caller";r=0;t={seconds}'),
        ),
    )


def _application_rule(error: ApplicationRuleViolation) -> RequestRejected:
    title = error.rule.replace("-", " ").capitalize()
    return RequestRejected(409, error.rule, title, f"{_sentence(error)} Nothing was done.")


def _reconsideration_rule(error: ReconsiderationError) -> RequestRejected:
    title = error.rule.replace("-", " ").capitalize()
    return RequestRejected(409, error.rule, title, f"{_sentence(error)} Nothing was done.")


def _superseding_refused(error: SupersedingRefused) -> RequestRejected:
    title = error.rule.replace("-", " ").capitalize()
    return RequestRejected(
        409, error.rule, title, f"{_sentence(error)} Nothing was recorded.", decision_id=error.decision_id
    )


def _superseded_not_found(error: SupersededDecisionNotFound) -> RequestRejected:
    allowed = "the newest decision on the application, as GET /api/v1/applications/{id} lists it"
    fault = FieldError(SUPERSEDES, str(error), allowed)
    return invalid("invalid-application", "Invalid loan application", [fault])


def _invalid_withdrawal(error: InvalidWithdrawal) -> RequestRejected:
    return invalid("invalid-body", "Invalid body", [FieldError("text", str(error))])


def _loan_rule(error: LoanRuleViolation) -> RequestRejected:
    title = error.rule.replace("-", " ").capitalize()
    return RequestRejected(409, error.rule, title, f"{_sentence(error)} Nothing was recorded.")


def _invalid_loan_outcome(error: InvalidLoanOutcome) -> RequestRejected:
    faults = [FieldError(each.field, each.problem, each.allowed or UNSET) for each in error.faults]
    return invalid("invalid-outcome", "Invalid outcome of a loan", faults)


def _whole_seconds(wait: timedelta) -> int:
    return max(1, math.ceil(wait.total_seconds()))


def _batch_quota_exceeded(error: BatchQuotaExceeded) -> RequestRejected:
    return RequestRejected(
        429,
        "batch-quota-exceeded",
        "Batch quota exceeded",
        f"Nothing was queued: {error}.",
        headers=(("Retry-After", str(error.retry_after)),),
    )


_case_not_found = _problem(404, "no-such-case", "Case not found")
_notice_not_found = _problem(404, "no-such-notice", "Notice not found")
_decision_not_found = _problem(404, "no-such-decision", "Decision not found")
_batch_not_found = _problem(404, "no-such-batch", "Batch not found")
_application_not_found = _problem(404, "no-such-application", "Application not found")
_import_not_found = _problem(404, "no-such-import", "Import not found")
_subscription_not_found = _problem(404, "no-such-subscription", "Subscription not found")
_verification_not_found = _problem(404, "no-such-verification", "Verification not found")
_RESOURCES = (
    ("/api/v1/audit/verifications/", "verification", _verification_not_found),
    ("/api/v1/decisions/", "decision", _decision_not_found),
    ("/api/v1/batches/", "batch", _batch_not_found),
    ("/api/v1/applications/", "application", _application_not_found),
    ("/api/v1/outcome-imports/", "import", _import_not_found),
    ("/api/v1/cases/", "case", _case_not_found),
    ("/api/v1/notices/", "notice", _notice_not_found),
    ("/api/v1/webhook-subscriptions/", "subscription", _subscription_not_found),
)
"""Where paths continue with the identifier of a resource."""

PROBLEMS: dict[type, _Problem] = {
    InvalidCredentials: _problem(400, "wrong-credentials", "Invalid credentials", error="invalid_grant"),
    TooManyAttempts: _too_many_attempts,
    TooManyRequests: _too_many_requests,
    PermissionDenied: _permission_denied,
    PasswordChangeRequired: _problem(
        403,
        "password-change-required",
        "Password change required",
        "Send username, current_password and new_password to /api/v1/auth/password, then log in again.",
    ),
    PasswordNotAllowed: _password_not_allowed,
    InvalidUsername: _invalid_username,
    BureauReportInFuture: _report_in_future,
    UserNotFound: _problem(404, "no-such-user", "User not found"),
    SessionNotFound: _problem(404, "no-such-session", "Session not found"),
    NameTaken: _problem(409, "username-taken", "Username taken"),
    OwnAccount: _problem(409, "own-account", "Own account"),
    LastAdmin: _problem(409, "last-admin", "Last administrator"),
    UserChanged: _problem(412, "user-changed", "User changed"),
    InvalidCursor: _invalid_parameter("cursor"),
    PageTooLarge: _invalid_parameter("limit"),
    InvalidPeriod: _invalid_parameter("to"),
    InvalidMonths: _invalid_parameter("months"),
    PeriodNotStarted: _invalid_parameter("from"),
    InvalidWebhookUrl: _invalid_parameter("webhook_url"),
    InvalidKeptColumns: _invalid_parameter("keep"),
    InvalidSubscription: _invalid_subscription,
    TooManySubscriptions: _problem(409, "too-many-subscriptions", "Too many subscriptions"),
    SubscriptionNotFound: _subscription_not_found,
    DecisionNotFound: _decision_not_found,
    DecisionUnreadable: _unreadable_decision,
    VersionNotArchived: _not_reproducible,
    ProductChanged: _problem(409, "product-changed", "Other product in force"),
    KeyReused: _problem(
        422,
        "idempotency-key-reused",
        "Idempotency key reused",
        "This key was already used with a different request. Nothing was done. Use a new key.",
    ),
    OriginalResponseUnavailable: _original_response_unavailable,
    ApplicationReferenceTaken: _reference_taken,
    LedgerUnavailable: _problem(
        503,
        "ledger-unavailable",
        "Decision could not be recorded",
        "This request recorded no decision. Try again shortly, with the same Idempotency-Key if you sent one: "
        "another request with that key may be in progress.",
        headers=_RETRY,
    ),
    CommitUnconfirmed: _problem(
        503,
        "outcome-unknown",
        "Decision not confirmed",
        "The database did not confirm in time that the decision was recorded. Resubmitting with the same "
        "Idempotency-Key is safe and returns one decision. Without a key it may create a second one.",
        headers=_RETRY,
    ),
    UploadUnconfirmed: _problem(
        503,
        "outcome-unknown",
        "Batch not confirmed",
        "The database did not confirm in time that the batch is queued. Resubmitting with the same "
        "Idempotency-Key is safe. Without a key, check /api/v1/batches first.",
        headers=_RETRY,
    ),
    LoginNotRecorded: _problem(
        503,
        "login-not-recorded",
        "Login not recorded",
        "The login could not be recorded on the audit trail, so no access was granted. It does not count as a "
        "failed attempt. Ask the operators of the service: its log says why.",
        headers=_RETRY,
    ),
    DependencyUnavailable: _problem(
        503,
        "temporarily-unavailable",
        "Service temporarily unavailable",
        "A dependency is not responding; see /health/ready. Try again shortly.",
        headers=_RETRY,
    ),
    VerificationNotFound: _verification_not_found,
    SelectionTooLarge: _problem(422, "selection-too-large", "Too many decisions"),
    SelectionEmpty: _problem(422, "selection-empty", "No decision matches"),
    ExportNotRecorded: _problem(
        503,
        "export-not-recorded",
        "Export not recorded",
        "The export could not be recorded on the audit trail, so it was not handed over. Ask the operators of the "
        "service: its log says why.",
        headers=_RETRY,
    ),
    ApplicationNotFound: _application_not_found,
    ApplicationRuleViolation: _application_rule,
    SupersedingRefused: _superseding_refused,
    SupersededDecisionNotFound: _superseded_not_found,
    ApplicationChanged: _problem(412, "application-changed", "Application changed"),
    ApplicationConflict: _problem(
        409,
        "application-conflict",
        "Application changed at the same time",
        "Others change this application at the same time. Nothing was done. Try again shortly.",
        headers=_RETRY,
    ),
    InvalidWithdrawal: _invalid_withdrawal,
    ReconsiderationNotFound: _problem(404, "no-such-reconsideration", "Request or link not found"),
    ReconsiderationError: _reconsideration_rule,
    ReconsiderationConflict: _problem(
        409,
        "reconsideration-conflict",
        "Application changed at the same time",
        "The applicant or others changed this application at the same time. Nothing was done. Try again shortly.",
        headers=_RETRY,
    ),
    ReconsiderationUnreadable: _problem(500, "reconsideration-unreadable", "Requests cannot be read"),
    LoanRuleViolation: _loan_rule,
    InvalidLoanOutcome: _invalid_loan_outcome,
    LoanChanged: _problem(412, "loan-changed", "Loan changed"),
    LoanConflict: _problem(
        409,
        "loan-conflict",
        "Loan changed at the same time",
        "Others record outcomes of this loan at the same time. Nothing was done. Try again shortly.",
        headers=_RETRY,
    ),
    ImportNotFound: _import_not_found,
    LoanUnreadable: _problem(500, "loan-unreadable", "Loan cannot be read"),
    CaseNotFound: _case_not_found,
    CaseChanged: _problem(412, "case-changed", "Case changed"),
    CaseConflict: _problem(409, "case-conflict", "Case changed at the same time", headers=_RETRY),
    CaseHeld: _problem(409, "case-held", "Case held by another person"),
    CaseNotClaimed: _problem(409, "case-not-claimed", "Case not claimed"),
    CaseEnded: _problem(409, "case-ended", "Case already finished"),
    SecondApprovalNotPermitted: _problem(403, "not-permitted", "Permission denied", error="insufficient_scope"),
    SecondPersonRequired: _problem(409, "second-person-required", "Second person required"),
    UnsuitableAssignee: _problem(422, "unsuitable-assignee", "Unsuitable assignee"),
    AboveAuthority: _problem(409, "above-authority", "Above the authority"),
    AboveEveryAuthority: _problem(409, "above-authority", "Above every authority"),
    OwnViewRequired: _problem(409, "own-view-required", "Own view required"),
    ResolutionOutdated: _problem(409, "resolution-outdated", "Application changed"),
    ReviewNotPossible: _problem(409, "review-not-possible", "Review not possible"),
    InvalidConditionChange: _problem(409, "case-rule", "Not possible for this case"),
    CounterOfferNotApproved: _problem(422, "counter-offer-not-approved", "Counter-offer not approved"),
    InvalidResolution: _invalid_resolution,
    CaseError: _problem(409, "case-rule", "Not possible for this case"),
    CaseUnreadable: _problem(500, "case-unreadable", "Case cannot be read"),
    InvalidCaseText: _invalid_case_text,
    NoticeNotFound: _notice_not_found,
    NoticeChanged: _problem(412, "notice-changed", "Notice changed"),
    NoticeConflict: _problem(409, "notice-conflict", "Notice changed at the same time", headers=_RETRY),
    NoticeNotOwed: _problem(409, "notice-not-owed", "Notice not owed any more"),
    NoticeIncomplete: _notice_incomplete,
    InvalidDelivery: _invalid_delivery,
    NoticeError: _problem(409, "notice-rule", "Not possible for this notice"),
    NoticeUnreadable: _problem(500, "notice-unreadable", "Notice cannot be read"),
    InvalidAddressee: _invalid_addressee,
    LetterNotPrintable: _problem(409, "letter-not-printable", "Letter cannot be printed"),
    LetterFailed: _problem(500, "letter-failed", "Letter could not be made"),
    LetterAltered: _problem(500, "letter-altered", "Letter missing or altered"),
    BatchNotFound: _batch_not_found,
    BatchNotFinished: _problem(409, "batch-not-ended", "Batch not finished", headers=_RETRY),
    AlreadyEnded: _problem(409, "batch-ended", "Batch already finished"),
    BatchEmpty: _problem(422, "empty-batch", "Empty file"),
    BatchTooLarge: lambda _: too_large(MAX_BATCH_BYTES),
    TooManyUploads: _problem(503, "too-many-uploads", "Too many uploads", headers=_RETRY),
    BatchQuotaExceeded: _batch_quota_exceeded,
}
"""The problem for each expected exception, by its class or the nearest one it derives from."""
