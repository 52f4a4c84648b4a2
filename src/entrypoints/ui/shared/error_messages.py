"""Error messages: what happened, why, and what to do next. Unexpected errors are logged with a reference."""

import logging
import secrets
from collections.abc import Awaitable, Callable
from typing import NamedTuple

from nicegui import ui

from application.ports.batches.batch_content import BatchEmpty, BatchTooLarge
from application.ports.batches.batches import BatchNotFound, TooManyUploads, UploadUnconfirmed
from application.ports.decisions.decision_ledger import CommitUnconfirmed, LedgerUnavailable
from application.ports.models.version_not_archived import VersionNotArchived
from application.ports.operations.dependencies import DependencyUnavailable
from application.use_cases.batches.read_batches import BatchNotFinished
from application.use_cases.decisions.read_decisions import DecisionNotFound
from domain.access.user import PermissionDenied
from domain.batches.batch import AlreadyEnded
from domain.batches.quota import BatchQuotaExceeded
from entrypoints.ui.access.sessions import LoggedOut, log_in_address
from entrypoints.ui.shared.formats import sentence
from entrypoints.ui.shared.widgets import Text, anchor, box, icon

_log = logging.getLogger(__name__)


class ErrorMessage(NamedTuple):
    """An error as the user sees it. `reference` identifies the log entry of an unexpected error."""

    status: int
    title: str
    text: str
    icon_name: str
    reference: str = ""

    @property
    def details(self) -> str:
        """The text, with the reference if there is one."""
        return f"{self.text} Reference: {self.reference}" if self.reference else self.text


NOT_FOUND = ErrorMessage(
    404, "Page not found", "Check the address. The page may have been moved or removed.", "search_off"
)

_UNAVAILABLE: tuple[tuple[type[Exception], ErrorMessage], ...] = (
    (
        CommitUnconfirmed,
        ErrorMessage(
            503,
            "Could not confirm that the decision was saved",
            "The database did not respond in time. Your entries are still here. Resubmitting is safe: "
            "if the decision was saved, you get that decision; it is not made twice.",
            "cloud_off",
        ),
    ),
    (
        LedgerUnavailable,
        ErrorMessage(
            503,
            "Decision not saved",
            "The database is not available, so no decision was made. Your entries are still here. "
            "Try again in a moment.",
            "cloud_off",
        ),
    ),
    (
        UploadUnconfirmed,
        ErrorMessage(
            503,
            "Could not confirm the upload",
            "The database did not respond in time. Check the list of batches before uploading the file again.",
            "cloud_off",
        ),
    ),
    (
        DependencyUnavailable,
        ErrorMessage(
            503,
            "Temporarily unavailable",
            "A system that this page needs is not responding. Try again in a moment.",
            "cloud_off",
        ),
    ),
)
_EXPECTED: tuple[tuple[type[Exception], ErrorMessage], ...] = (
    (
        PermissionDenied,
        ErrorMessage(
            403,
            "Permission denied",
            "Your role does not include this. If you need access, ask an administrator.",
            "lock",
        ),
    ),
    (
        DecisionNotFound,
        ErrorMessage(404, "Decision not found", "Check the address, or search the decisions.", "search_off"),
    ),
    (
        VersionNotArchived,
        ErrorMessage(409, "Decision cannot be reproduced", "", "inventory_2"),
    ),
    (
        BatchNotFound,
        ErrorMessage(404, "Batch not found", "Check the address, or open the list of batches.", "search_off"),
    ),
    (
        BatchNotFinished,
        ErrorMessage(409, "Batch in progress", "Download the file when the batch has finished.", "schedule"),
    ),
    (AlreadyEnded, ErrorMessage(409, "Batch already finished", "It can no longer be cancelled.", "schedule")),
    (
        BatchEmpty,
        ErrorMessage(
            422,
            "File not accepted",
            "The file is empty. Upload a file with a header line and at least one loan.",
            "upload_file",
        ),
    ),
    (BatchTooLarge, ErrorMessage(413, "File not accepted", "", "upload_file")),
    (
        BatchQuotaExceeded,
        ErrorMessage(
            429,
            "Too many batches",
            "You have reached the limit for waiting files. Upload again when one of your batches has finished.",
            "hourglass_top",
        ),
    ),
    (TooManyUploads, ErrorMessage(503, "Too many uploads in progress", "Try again in a moment.", "cloud_off")),
)
"""Where the text is empty, the exception's own text is shown: it names the figure or version."""


def error_message_for(error: Exception, where: str) -> ErrorMessage:
    """The message for an exception; an unexpected one is logged with its traceback under a new reference."""
    for kind, message in _UNAVAILABLE:
        if isinstance(error, kind):
            _log.warning("a dependency is unavailable on %s: %s", where, error)
            return message
    for kind, message in _EXPECTED:
        if isinstance(error, kind):
            return message if message.text else message._replace(text=sentence(str(error)))
    reference = secrets.token_hex(4)
    _log.error("unexpected error on %s, reference %s", where, reference, exc_info=error)
    return ErrorMessage(
        500,
        "Something went wrong",
        "An unexpected error occurred. Try again, or give the reference to your support team.",
        "report_gmailerrorred",
        reference,
    )


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
    """Wrap an event handler: errors are shown to the user, and an ended session leads to the log-in page."""

    async def report_errors() -> None:
        try:
            await handler()
        except LoggedOut:
            ui.navigate.to(log_in_address(ui.context.client.request))
        except Exception as error:
            notify_error(error_message_for(error, where))

    return report_errors
