"""Reports of unexpected errors to Sentry or a compatible service; imported only when one is configured."""

from typing import Any

import sentry_sdk
from sentry_sdk.integrations.dedupe import DedupeIntegration
from sentry_sdk.integrations.excepthook import ExcepthookIntegration
from sentry_sdk.integrations.logging import LoggingIntegration
from sentry_sdk.integrations.threading import ThreadingIntegration
from sentry_sdk.types import Event, Hint


class ErrorReports:
    """Reports every uncaught error and every error logged with its exception.

    A report holds the stack with its lines of code and no personal data: no local variables, request or
    breadcrumbs, and only the first line of each message (databases quote rows on later lines).
    """

    def __init__(self, *, dsn: str, service: str, version: str) -> None:
        sentry_sdk.init(
            dsn=dsn,
            release=f"{service}@{version}",
            # `send_default_pii` keeps its default (off): setting it is deprecated.
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
            before_send=_keep_first_lines,
        )

    def report(self, error: BaseException) -> None:
        """Report an uncaught error."""
        sentry_sdk.capture_exception(error)

    def close(self, timeout: float) -> None:
        """Send pending reports within `timeout` seconds."""
        sentry_sdk.get_client().close(timeout=timeout)


def _keep_first_lines(event: Event, _: Hint) -> Event:
    for exception in event.get("exception", {}).get("values", []):
        exception["value"] = _first_line(exception.get("value"))
    if entry := event.get("logentry"):
        event["logentry"] = {part: _first_line(entry[part]) for part in ("message", "formatted") if part in entry}
    return event


def _first_line(text: Any) -> str:
    return str(text or "").partition("\n")[0]
