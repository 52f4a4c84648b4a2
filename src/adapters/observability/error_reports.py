"""Reports of unexpected errors to Sentry or a compatible service; imported only when one is configured."""

import re
from collections.abc import Callable, Iterator
from time import monotonic
from typing import Any

import sentry_sdk
from sentry_sdk.integrations.dedupe import DedupeIntegration
from sentry_sdk.integrations.excepthook import ExcepthookIntegration
from sentry_sdk.integrations.logging import LoggingIntegration
from sentry_sdk.integrations.threading import ThreadingIntegration
from sentry_sdk.types import Event, Hint

from adapters.observability.current_request import current_facts
from application.operational_error import OperationalError
from domain.access.user import PermissionDenied

_EXPECTED = (OperationalError, PermissionDenied)
"""Outages and refusals, which have metrics and alerts of their own; subclasses included."""
_EXPORTER = "opentelemetry."
"""The loggers that say that the collector of traces is away."""
_SERVER_ERROR = 500
_TAGS = ("request_id", "decision_id", "model_version", "policy_version")
_EXTRA = ("request_id", "batch_id", "logger")
"""Fields of log records that are reported."""
_KEPT = (
    "event_id",
    "timestamp",
    "platform",
    "level",
    "logger",
    "release",
    "environment",
    "server_name",
    "sdk",
    "exception",
    "logentry",
    "tags",
    "extra",
    "threads",
    "transaction",
)
"""The parts of a report; user, request, breadcrumbs and everything that the SDK may add later are removed."""
_VALUE = re.compile(
    r"""
    (?<!\w) (?: '[^']*' | "[^"]*" ) (?!\w)
    | (?<![\w-]) (?: \d{4}-\d\d-\d\d (?:T[\d:.]+Z?)? | [-+]? \d[\d.,_]* (?:[eE][-+]?\d+)? ) (?![\w-])
    """,
    re.VERBOSE,
)
"""Quoted text, a date, or a number that stands alone; identifiers such as UUIDs stay."""
_REPEATS, _REPEAT_SECONDS, _MAX_PLACES = 5, 300.0, 1000

TraceParent = Callable[[], str | None]


class ErrorReports:
    """Reports every uncaught error and every error logged with its exception, unless it is expected.

    A report holds the stack with its lines of code and no personal data: no local variables, request, user or
    breadcrumbs, and only the first line of each message (databases quote rows on later lines), without numbers,
    dates and quoted text. The log has the whole first line.
    The same error at the same place is reported at most five times in five minutes.
    """

    def __init__(
        self,
        *,
        dsn: str,
        service: str,
        version: str,
        environment: str = "",
        traceparent: TraceParent = lambda: None,
    ) -> None:
        self._traceparent = traceparent
        self._repeats = RepeatLimit()
        sentry_sdk.init(
            dsn=dsn,
            release=f"{service}@{version}",
            environment=environment or None,  # the SDK then reads SENTRY_ENVIRONMENT, or says "production"
            # `send_default_pii` keeps its default (off): setting it is deprecated.
            include_local_variables=False,
            max_request_body_size="never",
            max_breadcrumbs=0,
            auto_session_tracking=False,
            send_client_reports=False,
            default_integrations=False,
            auto_enabling_integrations=False,
            integrations=[
                DedupeIntegration(),
                ExcepthookIntegration(),
                LoggingIntegration(level=None),
                ThreadingIntegration(propagate_scope=False),
            ],
            before_send=self._before_send,
        )

    def report(self, error: BaseException) -> None:
        """Report an uncaught error."""
        sentry_sdk.capture_exception(error)

    def close(self, timeout: float) -> None:
        """Send pending reports within `timeout` seconds."""
        sentry_sdk.get_client().close(timeout=timeout)

    def _before_send(self, event: Event, hint: Hint) -> Event | None:
        error = (hint.get("exc_info") or (None, None))[1]
        if (error is not None and is_expected(error)) or str(event.get("logger")).startswith(_EXPORTER):
            return None
        dropped = self._repeats.admit(_place(event))
        if dropped is None:
            return None
        reported: dict[str, Any] = {part: value for part, value in event.items() if part in _KEPT}
        for exception in reported.get("exception", {}).get("values", []):
            exception["value"] = _scrubbed(exception.get("value"))
        if entry := reported.get("logentry"):
            reported["logentry"] = {
                part: _scrubbed(entry[part]) for part in ("message", "formatted") if part in entry
            }
        extra = reported.get("extra") or {}
        reported["extra"] = {name: extra[name] for name in _EXTRA if name in extra}
        reported["tags"] = dict(self._tags(dropped))
        return reported  # type: ignore[return-value] # a subset of an event

    def _tags(self, dropped: int) -> Iterator[tuple[str, str]]:
        facts = current_facts()
        yield from ((name, facts[name]) for name in _TAGS if name in facts)
        if traceparent := self._traceparent():
            yield "trace_id", traceparent.split("-")[1]
        if dropped:
            yield "repeats_not_reported", str(dropped)


def is_expected(error: BaseException) -> bool:
    """Whether an error is an outage, a refusal, or the caller's fault (an HTTP error below 500)."""
    status = getattr(error, "status_code", _SERVER_ERROR)
    return isinstance(error, _EXPECTED) or (isinstance(status, int) and status < _SERVER_ERROR)


class RepeatLimit:
    """Admits the same error a few times per period, so that a loop of failures does not flood the receiver."""

    def __init__(
        self, admitted: int = _REPEATS, seconds: float = _REPEAT_SECONDS, clock: Callable[[], float] = monotonic
    ) -> None:
        self._admitted = admitted
        self._seconds = seconds
        self._clock = clock
        self._counts: dict[tuple[Any, ...], tuple[float, int]] = {}

    def admit(self, place: tuple[Any, ...]) -> int | None:
        """How many were dropped in the period before, if this one is admitted; otherwise None."""
        now = self._clock()
        began, count = self._counts.get(place, (now, 0))
        dropped = 0
        if now - began >= self._seconds:
            dropped, began, count = max(0, count - self._admitted), now, 0
        if place not in self._counts and len(self._counts) >= _MAX_PLACES:
            del self._counts[next(iter(self._counts))]
        self._counts[place] = (began, count + 1)
        return dropped if count < self._admitted else None


def _place(event: Event) -> tuple[Any, ...]:
    """What identifies an error: its type and the line that raised it, or the logger and its message."""
    values = event.get("exception", {}).get("values") or []
    if values:
        frames = (values[-1].get("stacktrace") or {}).get("frames") or [{}]
        return values[-1].get("type"), frames[-1].get("module"), frames[-1].get("lineno")
    return event.get("logger"), (event.get("logentry") or {}).get("message") or event.get("message")


def _scrubbed(text: Any) -> str:
    """The first line of a message, without the values in it."""
    return _VALUE.sub("#", str(text or "").partition("\n")[0])
