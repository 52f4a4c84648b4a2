"""One span, one log line and the metrics of each request, for an ASGI application and for batches of requests."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from time import perf_counter
from typing import Any, NamedTuple

import structlog

from adapters.observability.asgi import ASGIApp
from adapters.observability.current_request import enter
from adapters.observability.logging.logs import BatchLog
from adapters.observability.logging.security_events import LoggedSecurityEvents
from adapters.observability.metrics.metrics import Metrics
from adapters.observability.tracing.spans import BatchTrace, Headers, OpenSpan, TraceContext, Tracer

OBSERVED = "observed"
"""The key of `scope["state"]` where the application puts the facts of a request: a dict of strings."""

BEGAN = "began"
"""The key of the time, by `perf_counter`, at which a request arrived that was passed to the application later."""

CALLS = "calls"
"""The key of the calls that were traced before such a request failed, and the type of its error."""

FACTS = (
    "request_id",
    "decision_id",
    "outcome",
    "grade",
    "confidence",
    "model_version",
    "policy_version",
    "actor",
    "role",
    "problem",
    "error",
)
"""The facts that are logged. Path, query, headers and bodies never are."""

_NOT_TRACED = ("error", "actor")
"""Facts that are no attributes of spans: user names stay in the log, which fewer people and systems can read."""

_QUIET = ("/health", "/assets")  # requested all the time, or part of a page
_UNTRACED = ("/health/", "/assets/", "/_nicegui")
"""Paths requested all the time, or as part of a page."""
_UNMATCHED = "unmatched"
_CLIENT_ERROR = 400
_REFUSED = (401, 403)
_SERVER_ERROR = 500

Report = Callable[[BaseException], None]


class AnsweredRequest(NamedTuple):
    """A request answered in a batch: its arrival by `perf_counter`, its trace if there is one, its facts."""

    began: float
    trace: TraceContext | None
    facts: Mapping[str, str]


class RequestLog:
    """Counts, times, logs and traces requests by the template of their route.

    Health checks and parts of pages are logged at level "debug".
    """

    def __init__(self, metrics: Metrics, tracer: Tracer | None = None) -> None:
        self._metrics = metrics
        self._tracer = tracer
        log = structlog.get_logger().bind()
        self._info, self._error, self._debug = log.info, log.error, log.debug
        self._batch_log = BatchLog()

    def add_in_progress(self, requests: int) -> None:
        """Change the number of requests in progress."""
        self._metrics.requests.in_progress += requests

    def fell_back(self, reason: str) -> None:
        """Count a request that was not answered by the fast path."""
        self._metrics.requests.fell_back(reason)

    def begin_batch(self, trace_headers: Sequence[Headers]) -> BatchTrace | None:
        """Count requests as in progress; calls made in this task until `end_batch` are traced as theirs.

        `trace_headers` are the headers of trace context of each request.
        """
        self.add_in_progress(len(trace_headers))
        return None if self._tracer is None else BatchTrace([*map(self._tracer.join_trace, trace_headers)])

    def end_batch(self, size: int, trace: BatchTrace | None) -> None:
        """Count requests as no longer in progress."""
        self.add_in_progress(-size)
        if trace is not None:
            trace.stop()

    def answered(self, *, method: str, route: str, status: int, seconds: float, facts: Mapping[str, str]) -> None:
        """Record a request; `facts` are some of FACTS, and `trace_id`."""
        failed = "error" in facts
        if failed:
            self._metrics.calls.error(where="request", kind=facts["error"])
        self._metrics.requests.durations(route=route, method=method, status=status).observe(seconds)
        write = self._error if failed else self._writer(route, status)
        write("request", method=method, route=route, status=status, duration_ms=round(seconds * 1000, 3), **facts)

    def answered_batch(
        self,
        *,
        method: str,
        route: str,
        status: int,
        requests: Sequence[AnsweredRequest],
        trace: BatchTrace | None,
    ) -> None:
        """Record requests that were answered together, none of them with an error."""
        now = perf_counter()
        lines: list[dict[str, Any]] = []
        observe = self._metrics.requests.durations(route=route, method=method, status=status).observe
        for request in requests:
            seconds = now - request.began
            observe(seconds)
            line = {
                "method": method,
                "route": route,
                "status": status,
                "duration_ms": round(seconds * 1000, 3),
                **request.facts,
            }
            if self._tracer is not None and request.trace is not None:
                line["trace_id"] = request.trace.trace_id
                if request.trace.sampled:
                    self._tracer.record_request(
                        request.trace,
                        f"{method} {route}",
                        started=request.began,
                        ended=now,
                        attributes=_attributes(method, route, status, request.facts),
                        calls=() if trace is None else trace.calls,
                    )
            lines.append(line)
        self._batch_log.info("request", lines)

    def _writer(self, route: str, status: int) -> Any:
        if status == _SERVER_ERROR:
            return self._error
        part_of_page = route == _UNMATCHED and status < _CLIENT_ERROR  # a mounted file
        return self._debug if part_of_page or route.startswith(_QUIET) else self._info


class RequestObserver:
    """An ASGI application, observed.

    What is not HTTP passes through. An exception that the application does not handle is reported, counted, and
    raised again.
    """

    def __init__(
        self,
        app: ASGIApp,
        requests: RequestLog,
        security_events: LoggedSecurityEvents,
        tracer: Tracer | None,
        report: Report | None,
    ) -> None:
        self._app = app
        self._requests = requests
        self._security_events = security_events
        self._tracer = tracer
        self._report = report

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Answer one request."""
        enter(scope)
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        state = scope.get("state") or {}
        began = state.get(BEGAN)
        status = 0

        def observed_send(message: Any) -> Awaitable[None]:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            sent: Awaitable[None] = send(message)
            return sent

        span = self._begin_span(scope, began, state.get(CALLS))
        self._requests.add_in_progress(1)
        escaped: BaseException | None = None
        began = perf_counter() if began is None else began
        try:
            await self._app(scope, receive, observed_send)
        except BaseException as fault:
            escaped = fault
            raise
        finally:
            self._requests.add_in_progress(-1)
            self._record(scope, status, perf_counter() - began, span, escaped)

    def _begin_span(self, scope: Any, began: float | None, failed: tuple[Any, str] | None) -> OpenSpan | None:
        if self._tracer is None or scope["path"].startswith(_UNTRACED):
            return None
        span = self._tracer.begin_request(scope["method"], scope["headers"], started=began)
        if failed is not None:
            self._tracer.record_calls(span, *failed)
        return span

    def _record(
        self, scope: Any, status: int, seconds: float, span: OpenSpan | None, escaped: BaseException | None
    ) -> None:
        method, route = scope["method"], _route(scope)
        observed: Mapping[str, str] = (scope.get("state") or {}).get(OBSERVED, {})
        facts = {name: observed[name] for name in FACTS if name in observed}
        if escaped is not None:
            facts["error"] = type(escaped).__name__
            status = status or _SERVER_ERROR  # the server's response to an exception
            if self._report is not None and isinstance(escaped, Exception):
                self._report(escaped)
        if span is not None:
            error = facts.get("error") or (str(status) if status >= _SERVER_ERROR else None)
            span.end(_attributes(method, route, status, facts), name=f"{method} {route}", error=error)
            facts["trace_id"] = span.trace_id
        self._requests.answered(method=method, route=route, status=status, seconds=seconds, facts=facts)
        if status in _REFUSED:
            self._security_events.refused(status, request=f"{method} {route}", user=facts.get("actor", ""))


def _attributes(method: str, route: str, status: int, facts: Mapping[str, str]) -> dict[str, str | int]:
    """The attributes of a request's span."""
    return {
        "http.request.method": method,
        "http.route": route,
        "http.response.status_code": status,
        **{f"scoring.{name}": value for name, value in facts.items() if name not in _NOT_TRACED},
    }


def _route(scope: Any) -> str:
    """The template of the route: set by Litestar in the scope, or an attribute of Starlette's routes."""
    template = scope.get("path_template")
    if template is None:
        template = getattr(scope.get("route"), "path", None)
    return template if isinstance(template, str) else _UNMATCHED
