"""When something cannot be done: said plainly on the page, and logged with a reference to find it by."""

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
from entrypoints.ui.shared.widgets import Words, anchor, box, icon

_log = logging.getLogger(__name__)


class Fault(NamedTuple):
    """What to tell somebody whose request failed; `reference` finds the log line of an unexpected error."""

    status: int
    title: str
    text: str
    sign: str
    reference: str = ""


NOT_FOUND = Fault(
    404, "There is no such page", "The address leads nowhere: it may be mistyped, or from long ago.", "search_off"
)


_AWAY: tuple[tuple[type[Exception], Fault], ...] = (
    (
        CommitUnconfirmed,
        Fault(
            503,
            "It is not known yet whether it was recorded",
            "The database did not confirm it in time. What you entered is still here: send it again as it is, and "
            "you get the decision on record, or a new one where there is none. It is not decided twice.",
            "cloud_off",
        ),
    ),
    (
        LedgerUnavailable,
        Fault(
            503,
            "It could not be recorded, so it was not decided",
            "Nothing was decided. What you entered is still here; try again in a moment.",
            "cloud_off",
        ),
    ),
    (
        UploadUnconfirmed,
        Fault(
            503,
            "It is not known yet whether the file was taken",
            "The database did not confirm it in time. Look whether it is in the list before you hand it in again.",
            "cloud_off",
        ),
    ),
    (
        DependencyUnavailable,
        Fault(
            503,
            "It cannot be shown at the moment",
            "Something the service stands on does not answer; try again in a moment.",
            "cloud_off",
        ),
    ),
)
_OF_BATCHES: tuple[tuple[type[Exception], int, str, str], ...] = (
    (BatchNotFound, 404, "No such batch", "search_off"),
    (BatchNotFinished, 409, "The batch is still being decided", "schedule"),
    (AlreadyEnded, 409, "The batch has ended already", "schedule"),
    (BatchEmpty, 422, "The file was not taken", "upload_file"),
    (BatchTooLarge, 413, "The file was not taken", "upload_file"),
    (BatchQuotaExceeded, 429, "Too many of your batches are waiting", "hourglass_top"),
    (TooManyUploads, 503, "Try again in a moment", "cloud_off"),
)


def fault_of(error: Exception, where: str) -> Fault:
    """What to tell of an error; an unexpected one is logged, with its traceback, under the reference told."""
    for away, fault in _AWAY:
        if isinstance(error, away):
            _log.warning("something does not answer on %s: %s", where, error)
            return fault
    if isinstance(error, PermissionDenied):
        return Fault(403, "Not permitted", f"{error}. Somebody with another role can.", "lock")
    if isinstance(error, DecisionNotFound):
        return Fault(404, "No such decision", f"{error} on record.".capitalize(), "search_off")
    if isinstance(error, VersionNotArchived):
        return Fault(409, "It cannot be made again here", f"{error}.".capitalize(), "inventory_2")
    for kind, status, title, sign in _OF_BATCHES:
        if isinstance(error, kind):
            return Fault(status, title, f"{error}.".capitalize(), sign)
    reference = secrets.token_hex(4)
    _log.error("unexpected error on %s, reference %s", where, reference, exc_info=error)
    return Fault(
        500,
        "Something went wrong",
        "This should not happen. The people who run the service can find what happened by the reference.",
        "report_gmailerrorred",
        reference,
    )


def show_fault(fault: Fault, start: str) -> None:
    """A page that says what is wrong, and where to go from here: the visitor's first page."""
    with box("section", "fault").props("role=alert"):
        icon(fault.sign, "fault-sign")
        Words("h1", fault.title)
        Words("p", fault.text)
        if fault.reference:
            Words("p", f"Reference {fault.reference}", "reference")
        anchor("Back to the start", start, "button-like")


def tell_fault(fault: Fault) -> None:
    """A message over the page that stays until it is read, and leaves what was entered as it is."""
    text = f"{fault.text} Reference {fault.reference}" if fault.reference else fault.text
    ui.notify(
        fault.title,
        caption=text,
        type="negative",
        position="top",
        timeout=0,
        close_button="Close",
        multi_line=True,
        classes="told",
    )


def telling_faults(handler: Callable[[], Awaitable[None]], where: str) -> Callable[[], Awaitable[None]]:
    """The handler of an event, which tells of whatever goes wrong instead of keeping silent."""

    async def told() -> None:
        try:
            await handler()
        except LoggedOut:
            ui.navigate.to(log_in_address(ui.context.client.request))
        except Exception as error:
            tell_fault(fault_of(error, where))

    return told
