"""Error messages: what happened, why, and what to do next. Unexpected errors are logged with a reference."""

import logging
import secrets
from collections.abc import Awaitable, Callable, Mapping
from typing import NamedTuple

from nicegui import ui

from application.ports.applications.applications import ApplicationConflict
from application.ports.batches.batch_content import BatchEmpty, BatchTooLarge
from application.ports.batches.batches import BatchNotFound, TooManyUploads, UploadUnconfirmed
from application.ports.cases.cases import CaseConflict, CaseNotFound
from application.ports.decisions.decision_ledger import (
    ApplicationReferenceTaken,
    CommitUnconfirmed,
    LedgerUnavailable,
)
from application.ports.models.version_not_archived import VersionNotArchived
from application.ports.notices.letters import LetterFailed
from application.ports.notices.notices import NoticeConflict, NoticeNotFound
from application.ports.operations.dependencies import DependencyUnavailable
from application.ports.outcomes.loan_outcomes import LoanConflict, LoanUnreadable
from application.ports.outcomes.outcome_imports import ImportNotFound
from application.ports.reconsiderations.reconsiderations import ReconsiderationConflict
from application.use_cases.access.login_records import LoginNotRecorded
from application.use_cases.access.manage_users import UserChanged, UserNotFound
from application.use_cases.access.web_sessions import SessionNotFound
from application.use_cases.applications.change_application import ApplicationChanged
from application.use_cases.applications.read_applications import ApplicationNotFound
from application.use_cases.applications.supersede_decision import SupersededDecisionNotFound
from application.use_cases.audit.export_evidence import ExportNotRecorded, SelectionEmpty, SelectionTooLarge
from application.use_cases.audit.read_verifications import VerificationNotFound
from application.use_cases.batches.read_batches import BatchNotFinished
from application.use_cases.decisions.read_decisions import DecisionNotFound, DecisionUnreadable
from application.use_cases.notices.deliver_notice import LetterAltered
from application.use_cases.outcomes.record_loan_outcome import LoanChanged
from domain.access.user import LastAdmin, OwnAccount, PermissionDenied
from domain.applications.application_action import InvalidWithdrawal
from domain.applications.application_life import ApplicationRuleViolation
from domain.batches.batch import AlreadyEnded
from domain.batches.quota import BatchQuotaExceeded
from domain.cases.case_errors import CaseChanged, CaseError, CaseHeld, CaseNotClaimed, InvalidCaseText
from domain.cases.counter_offer import CounterOfferNotApproved
from domain.cases.resolution import InvalidConditionChange, InvalidResolution
from domain.cases.resolution_errors import OwnViewRequired
from domain.notices.completeness import NoticeIncomplete
from domain.notices.notice_errors import InvalidDelivery, NoticeChanged, NoticeError
from domain.outcomes.loan import LoanRuleViolation
from domain.outcomes.loan_outcome import InvalidLoanOutcome
from domain.reconsiderations.reconsideration_errors import ReconsiderationError, ReconsiderationNotFound
from entrypoints.ui.access.sessions import LoggedOut, log_in_address
from entrypoints.ui.shared.formats import sentence
from entrypoints.ui.shared.widgets import Text, anchor, box, icon

_log = logging.getLogger(__name__)


_ICONS = {
    403: "lock",
    404: "search_off",
    409: "schedule",
    413: "upload_file",
    422: "upload_file",
    429: "hourglass_top",
    503: "cloud_off",
}


class ErrorMessage(NamedTuple):
    """An error as the user sees it. `reference` identifies the log entry of an unexpected error."""

    status: int
    title: str
    text: str
    reference: str = ""

    @property
    def details(self) -> str:
        """The text, with the reference if there is one."""
        return f"{self.text} Reference: {self.reference}" if self.reference else self.text

    @property
    def icon_name(self) -> str:
        return _ICONS.get(self.status, "report_gmailerrorred")


NOT_FOUND = ErrorMessage(404, "Page not found", "Check the address. The page may have been moved or removed.")
_MESSAGES: Mapping[type[Exception], tuple[int, str, str]] = {
    CommitUnconfirmed: (
        503,
        "Could not confirm that the decision was saved",
        "The database did not respond in time. Your entries are still here. Resubmitting is safe: "
        "if the decision was saved, you get that decision; it is not made twice.",
    ),
    LedgerUnavailable: (
        503,
        "Decision not saved",
        "This request saved no decision. Your entries are kept. Try again in a moment.",
    ),
    ApplicationReferenceTaken: (
        409,
        "Reference already used",
        "Another application has this reference, so nothing was saved. To decide that application again, search "
        "it by its reference, open its decision and choose Decide again. Otherwise change the reference.",
    ),
    UploadUnconfirmed: (
        503,
        "Could not confirm the upload",
        "The database did not respond in time. Check the list of batches before uploading the file again.",
    ),
    LoginNotRecorded: (
        503,
        "Login not recorded",
        "The login could not be recorded on the audit trail, so no access was granted. Ask the operators: the "
        "log of the service says why.",
    ),
    DependencyUnavailable: (
        503,
        "Temporarily unavailable",
        "A system that this page needs is not responding. Try again in a moment.",
    ),
    PermissionDenied: (
        403,
        "Permission denied",
        "Your role does not include this. If you need access, ask an administrator.",
    ),
    UserNotFound: (404, "User not found", "Check the address, or open the list of users."),
    SessionNotFound: (404, "Session already ended", "Load the page again."),
    UserChanged: (409, "User changed meanwhile", "Someone else changed this user. Load the page again."),
    OwnAccount: (409, "Own account", ""),
    LastAdmin: (409, "Last administrator", ""),
    DecisionNotFound: (404, "Decision not found", "Check the address, or search the decisions."),
    DecisionUnreadable: (500, "Decision cannot be read", ""),
    VersionNotArchived: (409, "Decision cannot be reproduced", ""),
    VerificationNotFound: (404, "Verification not found", "Check the address, or open the audit trail."),
    SelectionTooLarge: (422, "Too many decisions", ""),
    SelectionEmpty: (422, "No decision matches", ""),
    ExportNotRecorded: (
        503,
        "Export not recorded",
        "The export could not be recorded on the audit trail, so it was not handed over. Ask the operators: the "
        "log of the service says why.",
    ),
    ApplicationNotFound: (404, "Application not found", "Check the address, or search the applications."),
    SupersededDecisionNotFound: (404, "Decision not found", "Check the address, or search the decisions."),
    ApplicationRuleViolation: (409, "Not possible for this application", ""),
    ReconsiderationError: (409, "Not possible for this request", ""),
    ReconsiderationNotFound: (404, "Request or link not found", ""),
    ReconsiderationConflict: (
        409,
        "Changed at the same time",
        "The applicant or others changed this application at the same time. Nothing was done. Try again.",
    ),
    ApplicationChanged: (409, "Application changed meanwhile", "Load the page again to see its present state."),
    ApplicationConflict: (
        409,
        "Application changed at the same time",
        "Someone else changed this application at the same moment. Nothing was done. Try again.",
    ),
    InvalidWithdrawal: (422, "Not recorded", ""),
    ImportNotFound: (404, "Import not found", "Check the address, or open the page of outcomes."),
    LoanChanged: (409, "Loan changed meanwhile", ""),
    LoanConflict: (
        409,
        "Loan changed at the same time",
        "Someone else recorded an outcome of this loan at the same moment. Nothing was recorded. Try again.",
    ),
    LoanRuleViolation: (409, "Not possible for this loan", ""),
    LoanUnreadable: (500, "Loan cannot be read", ""),
    InvalidLoanOutcome: (422, "Not recorded", ""),
    CaseNotFound: (404, "Case not found", "Check the address, or open the list of cases."),
    CaseHeld: (409, "Someone else holds this case", ""),
    OwnViewRequired: (409, "Your own view comes first", "Enter it on the page of the case."),
    CaseNotClaimed: (409, "You do not hold this case", ""),
    CaseError: (409, "Not possible on this case", ""),
    CaseChanged: (409, "Case changed meanwhile", "Your entries are kept. Check what changed, and try again."),
    CaseConflict: (409, "Case changed meanwhile", "Your entries are kept. Check what changed, and try again."),
    InvalidCaseText: (422, "Not accepted", ""),
    InvalidResolution: (422, "Not accepted", ""),
    InvalidConditionChange: (409, "Not possible on this case", ""),
    CounterOfferNotApproved: (422, "Counter-offer not possible", ""),
    NoticeNotFound: (404, "Notice not found", "Check the address, or open the list of notices."),
    NoticeChanged: (409, "Notice changed meanwhile", "Your entries are kept. Check what changed, and try again."),
    NoticeConflict: (409, "Notice changed meanwhile", "Your entries are kept. Check what changed, and try again."),
    NoticeIncomplete: (409, "The letter cannot be made", ""),
    InvalidDelivery: (422, "Not accepted", ""),
    NoticeError: (409, "Not possible for this notice", ""),
    LetterFailed: (500, "The letter cannot be made", ""),
    LetterAltered: (500, "The letter is not the one that was issued", ""),
    BatchNotFound: (404, "Batch not found", "Check the address, or open the list of batches."),
    BatchNotFinished: (409, "Batch in progress", "Download the file when the batch has finished."),
    AlreadyEnded: (409, "Batch already finished", "It can no longer be cancelled."),
    BatchEmpty: (422, "File not accepted", "The file is empty. It needs a header line and at least one row."),
    BatchTooLarge: (413, "File not accepted", ""),
    BatchQuotaExceeded: (
        429,
        "Too many batches",
        "You have reached the limit for waiting files. Upload again when one of your batches has finished.",
    ),
    TooManyUploads: (503, "Too many uploads in progress", "Try again in a moment."),
}
"""Status, title and text by exception; subclasses first. Without a text, the exception's own text is shown."""


def error_message_for(error: Exception, where: str) -> ErrorMessage:
    """The message for an exception; an unexpected one is logged with its traceback under a new reference."""
    for kind, (status, title, text) in _MESSAGES.items():
        if isinstance(error, kind):
            if status == 503:
                _log.warning("a dependency is unavailable on %s: %s", where, error)
            return ErrorMessage(status, title, text or sentence(str(error)))
    reference = secrets.token_hex(4)
    _log.error("unexpected error on %s, reference %s", where, reference, exc_info=error)
    text = "An unexpected error occurred. Try again, or give the reference to your support team."
    return ErrorMessage(500, "Something went wrong", text, reference)


def show_error_page(message: ErrorMessage, home: str) -> None:
    """Show the message in place of the page, with a link to the user's first page."""
    with box("section", "error-page").props("role=alert"):
        icon(message.icon_name, "error-icon")
        Text("h1", message.title)
        Text("p", message.text)
        if message.reference:
            Text("p", f"Reference: {message.reference}", "reference")
        anchor("Home", home, "button-secondary")


def notify_error(message: ErrorMessage) -> None:
    """Show the message over the page until the user closes it; form entries stay as they are."""
    ui.notify(
        message.title,
        caption=message.details,
        type="negative",
        position="top",
        timeout=0,
        close_button="Close",
        multi_line=True,
        classes="error-notification",
    )


def reporting_errors(handler: Callable[[], Awaitable[None]], where: str) -> Callable[[], Awaitable[None]]:
    """Wrap an event handler: errors are shown to the user, and an ended session leads to the login page."""

    async def report_errors() -> None:
        try:
            await handler()
        except LoggedOut:
            ui.navigate.to(log_in_address(ui.context.client.request))
        except Exception as error:
            notify_error(error_message_for(error, where))

    return report_errors
