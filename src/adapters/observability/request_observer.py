"""Around any ASGI application: a span, the metrics and one log line a request."""

from collections.abc import Awaitable, Callable, Mapping
from time import perf_counter
from typing import Any

from adapters.observability.asgi import ASGIApp
from adapters.observability.logs import LogLine, line_writer
from adapters.observability.metrics import Metrics
from adapters.observability.spans import OpenSpan, Tracer

OBSERVED = "observed"
"""Where a face puts what it knows of a request, in `scope["state"]`: a dict of strings, absent until it knows."""

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

_QUIET = ("/health", "/metrics", "/assets")  # asked all the time, or part of a page
_UNMATCHED = "unmatched"
_FAULTS = 400
_SERVER_ERROR = 500

Report = Callable[[BaseException], None]


class RequestObserver:
    """The application, observed. Routes go by their template.

    Health checks, metrics and parts of pages are logged as "debug".

    A request that is not HTTP passes through. What nobody caught is reported, counted, and raised on.
    """

    def __init__(self, app: ASGIApp, metrics: Metrics, tracer: Tracer | None, report: Report | None) -> None:
        self._app = app
        self._metrics = metrics
        self._tracer = tracer
        self._report = report
        self._info, self._error, self._debug = (line_writer(level) for level in ("info", "error", "debug"))

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = perf_counter()
        status = 0

        def watched(message: Any) -> Awaitable[None]:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            sent: Awaitable[None] = send(message)
            return sent

        span = None if self._tracer is None else self._tracer.begin_request(scope["method"], scope["headers"])
        self._metrics.requests_in_progress += 1
        escaped: BaseException | None = None
        try:
            await self._app(scope, receive, watched)
        except BaseException as fault:
            escaped = fault
            raise
        finally:
            self._metrics.requests_in_progress -= 1
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
        if "error" in facts:
            self._metrics.failed(where="request", kind=facts["error"])
        self._metrics.answered(route=route, method=method, status=status, seconds=seconds)
        if span is not None:
            _end(span, method, route, status, facts)
            facts["trace_id"] = span.trace_id
        write = self._error if "error" in facts else self._writer(route, status)
        write("request", method=method, route=route, status=status, duration_ms=round(seconds * 1000, 3), **facts)

    def _writer(self, route: str, status: int) -> LogLine:
        if status == _SERVER_ERROR:
            return self._error
        served_aside = route == _UNMATCHED and status < _FAULTS  # a mounted file: part of a page
        return self._debug if served_aside or route.startswith(_QUIET) else self._info


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
