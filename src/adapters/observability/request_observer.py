"""A span, the metrics and one log line a request: around any ASGI application, or told by who answers without."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from time import perf_counter
from typing import Any

import structlog

from adapters.observability.asgi import ASGIApp
from adapters.observability.current_request import enter
from adapters.observability.logging.security_events import LoggedSecurityEvents
from adapters.observability.metrics.metrics import Metrics
from adapters.observability.tracing.spans import OpenSpan, Tracer

OBSERVED = "observed"
"""Where a face puts what it knows of a request, in `scope["state"]`: a dict of strings, absent until it knows."""

BEGAN = "began"
"""Where it says, by `perf_counter`, when a request began that came to the application later than that."""

FACTS = (
    "request_id",
    "decision_id",
    "outcome",
    "confidence",
    "model_version",
    "policy_version",
    "actor",
    "role",
    "problem",
    "error",
)
"""What of it may be told; whatever else is there is not. Path, query, headers and bodies are never told."""

_QUIET = ("/health", "/assets")  # asked all the time, or part of a page
_UNMATCHED = "unmatched"
_FAULTS = 400
_REFUSED = (401, 403)
_SERVER_ERROR = 500

Report = Callable[[BaseException], None]


class AnsweredRequests:
    """Counts, times and logs what was answered. Routes go by their template.

    Health checks and parts of pages are logged as "debug".
    """

    def __init__(self, metrics: Metrics) -> None:
        self._metrics = metrics
        log = structlog.get_logger().bind()
        self._info, self._error, self._debug = log.info, log.error, log.debug

    def under_way(self, more: int) -> None:
        """So many more requests are being answered, or fewer."""
        self._metrics.requests_in_progress += more

    def answered(self, *, method: str, route: str, status: int, seconds: float, facts: Mapping[str, str]) -> None:
        """A request was answered; `facts` are some of FACTS, and `trace_id`."""
        failed = "error" in facts
        if failed:
            self._metrics.error(where="request", kind=facts["error"])
        self._metrics.requests(route=route, method=method, status=status).observe(seconds)
        write = self._error if failed else self._writer(route, status)
        write("request", method=method, route=route, status=status, duration_ms=round(seconds * 1000, 3), **facts)

    def answered_well(
        self, *, method: str, route: str, status: int, each: Sequence[tuple[float, Mapping[str, str]]]
    ) -> None:
        """The same of requests that were answered together, none of them in error: seconds and facts of each."""
        observe = self._metrics.requests(route=route, method=method, status=status).observe
        for seconds, facts in each:
            observe(seconds)
            duration = round(seconds * 1000, 3)
            self._info("request", method=method, route=route, status=status, duration_ms=duration, **facts)

    def _writer(self, route: str, status: int) -> Any:
        if status == _SERVER_ERROR:
            return self._error
        served_aside = route == _UNMATCHED and status < _FAULTS  # a mounted file: part of a page
        return self._debug if served_aside or route.startswith(_QUIET) else self._info


class RequestObserver:
    """The application, observed.

    A request that is not HTTP passes through. What nobody caught is reported, counted, and raised on.
    """

    def __init__(
        self,
        app: ASGIApp,
        answered: AnsweredRequests,
        security_events: LoggedSecurityEvents,
        tracer: Tracer | None,
        report: Report | None,
    ) -> None:
        self._app = app
        self._answered = answered
        self._security_events = security_events
        self._tracer = tracer
        self._report = report

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Answer one request."""
        enter(scope)
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = (scope.get("state") or {}).get(BEGAN) or perf_counter()
        status = 0

        def watched(message: Any) -> Awaitable[None]:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            sent: Awaitable[None] = send(message)
            return sent

        span = None if self._tracer is None else self._tracer.begin_request(scope["method"], scope["headers"])
        self._answered.under_way(1)
        escaped: BaseException | None = None
        try:
            await self._app(scope, receive, watched)
        except BaseException as fault:
            escaped = fault
            raise
        finally:
            self._answered.under_way(-1)
            self._tell(scope, status, perf_counter() - started, span, escaped)

    def _tell(
        self, scope: Any, status: int, seconds: float, span: OpenSpan | None, escaped: BaseException | None
    ) -> None:
        method, route = scope["method"], _route(scope)
        observed: Mapping[str, str] = (scope.get("state") or {}).get(OBSERVED, {})
        facts = {name: observed[name] for name in FACTS if name in observed}
        if escaped is not None:
            facts["error"] = type(escaped).__name__
            status = status or _SERVER_ERROR  # what the server answers for us
            if self._report is not None and isinstance(escaped, Exception):
                self._report(escaped)
        if span is not None:
            _end(span, method, route, status, facts)
            facts["trace_id"] = span.trace_id
        self._answered.answered(method=method, route=route, status=status, seconds=seconds, facts=facts)
        if status in _REFUSED:
            self._security_events.refused(status, request=f"{method} {route}", user=facts.get("actor", ""))


def _end(span: OpenSpan, method: str, route: str, status: int, facts: Mapping[str, str]) -> None:
    attributes: dict[str, str | int] = {
        "http.request.method": method,
        "http.route": route,
        "http.response.status_code": status,
        **{f"scoring.{name}": value for name, value in facts.items() if name != "error"},
    }
    failed = facts.get("error") or (str(status) if status >= _SERVER_ERROR else None)
    span.end(attributes, name=f"{method} {route}", error=failed)


def _route(scope: Any) -> str:
    """The template of the route: Litestar names it, Starlette's and FastAPI's routes carry it."""
    template = scope.get("path_template")
    if template is None:
        template = getattr(scope.get("route"), "path", None)
    return template if isinstance(template, str) else _UNMATCHED
