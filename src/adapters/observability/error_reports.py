"""Reports of unexpected errors to Sentry, or to what speaks its protocol. Imported only when there is one."""

from typing import Any

import sentry_sdk
from sentry_sdk.integrations.dedupe import DedupeIntegration
from sentry_sdk.integrations.excepthook import ExcepthookIntegration
from sentry_sdk.integrations.logging import LoggingIntegration
from sentry_sdk.integrations.threading import ThreadingIntegration
from sentry_sdk.types import Event, Hint


class ErrorReports:
    """Reports every error that is logged with its exception, or that nobody caught.

    A report has the stack with the lines of code, and no personal data: no local variables, no request, no
    breadcrumbs, and of each message the first line alone (databases quote rows on the later ones).
    """

    def __init__(self, *, dsn: str, service: str, version: str) -> None:
        sentry_sdk.init(
            dsn=dsn,
            release=f"{service}@{version}",
            # `send_default_pii` is left at its default, off: to say so is deprecated.
            include_local_variables=False,
            max_request_body_size="never",
            max_breadcrumbs=0,
            default_integrations=False,
            auto_enabling_integrations=False,
            integrations=[
                DedupeIntegration(),
                ExcepthookIntegration(),
                LoggingIntegration(level=None),
                ThreadingIntegration(propagate_scope=False),
            ],
            before_send=_without_quotations,
        )

    def report(self, fault: BaseException) -> None:
        """Report what nobody caught."""
        sentry_sdk.capture_exception(fault)

    def close(self, patience: float) -> None:
        """Send what is left, within so many seconds."""
        sentry_sdk.get_client().close(timeout=patience)


def _without_quotations(event: Event, _: Hint) -> Event:
    for fault in event.get("exception", {}).get("values", []):
        fault["value"] = _first_line(fault.get("value"))
    if entry := event.get("logentry"):
        event["logentry"] = {part: _first_line(entry[part]) for part in ("message", "formatted") if part in entry}
    return event


def _first_line(text: Any) -> str:
    return str(text or "").partition("\n")[0]
