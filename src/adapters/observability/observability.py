"""The observability of a process, which the composition root starts, uses and closes."""

from abc import abstractmethod
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from time import monotonic
from typing import Protocol, TextIO, cast

from adapters.observability.asgi import ASGIApp
from adapters.observability.logging.logs import configure_logging
from adapters.observability.logging.security_events import LoggedSecurityEvents
from adapters.observability.metrics.metrics import Metrics
from adapters.observability.request_observer import RequestLog, RequestObserver
from adapters.observability.tracing.spans import Kind, Tracer
from adapters.observability.wrappers.logged_decisions import LoggedDecisions
from adapters.observability.wrappers.observed_ports import ObservedLedger, ObservedPredictionCache
from adapters.observability.wrappers.observed_use_case import UseCase, observed, observed_batch
from application.ports.decisions.decision_ledger import DecisionLedger
from application.ports.models.prediction_cache import PredictionCache
from application.use_cases.decisions.assess_once import AssessOnce

_CLOSING_SECONDS = 2.0


class Reporter(Protocol):
    """Takes unexpected errors."""

    @abstractmethod
    def report(self, error: BaseException) -> None:
        """Report an uncaught error."""

    @abstractmethod
    def close(self, timeout: float) -> None:
        """Send pending reports within `timeout` seconds."""


@dataclass(frozen=True, slots=True)
class Observability:
    """Logs, security events, metrics, traces and error reports of this process.

    Without an address, the tracer and the reporter are None.
    """

    metrics: Metrics
    security_events: LoggedSecurityEvents
    tracer: Tracer | None
    reporter: Reporter | None

    @classmethod
    def start(
        cls,
        *,
        service: str,
        version: str,
        model_version: str = "",
        policy_version: Callable[[], str] = lambda: "",
        log_level: str = "info",
        log_format: str = "auto",
        log_stream: TextIO | None = None,
        otlp_endpoint: str | None = None,
        trace_sample_rate: float = 1.0,
        sentry_dsn: str | None = None,
        environment: str = "",
    ) -> "Observability":
        """Configure the logs of this process, and exporters of traces and error reports where addresses are given.

        `service` names the process ("scoring-api"); `policy_version` returns that of the policy in force.
        `log_format` is json, console or auto. Log lines go to `log_stream`, by default standard error.
        """
        configure_logging(log_level, log_format, log_stream)
        metrics = Metrics(service.removeprefix("scoring-"))
        metrics.process.set_versions(version=version, model_version=model_version, policy_version=policy_version)
        tracer = (
            _tracer(service, version, otlp_endpoint, trace_sample_rate, environment) if otlp_endpoint else None
        )
        return cls(
            metrics,
            LoggedSecurityEvents(metrics.access.security_event),
            tracer,
            _reporter(service, version, sentry_dsn, environment, tracer) if sentry_dsn else None,
        )

    @property
    def request_log(self) -> RequestLog:
        """Records answered requests."""
        return RequestLog(self.metrics, self.tracer)

    def middleware(self, app: ASGIApp) -> ASGIApp:
        """Wrap an ASGI application."""
        report = None if self.reporter is None else self.reporter.report
        return RequestObserver(app, self.request_log, self.security_events, self.tracer, report)

    def observe(self, use_case: UseCase, name: str, *, traced: bool = True) -> UseCase:
        """Wrap a use case, or any callable; its signature and attributes stay the same."""
        tracer = self.tracer if traced else None
        return observed(use_case, name, self.metrics, tracer, self.security_events.denied)

    def observe_batch(self, use_case: UseCase, name: str) -> UseCase:
        """Wrap a use case that handles several items and returns an outcome for each."""
        return observed_batch(use_case, name, self.metrics, self.tracer)

    def observe_ledger(self, ledger: DecisionLedger) -> DecisionLedger:
        """Wrap the ledger, which is where decisions are counted."""
        return ObservedLedger(ledger, self.metrics, self.tracer)

    def observe_cache(self, cache: PredictionCache) -> PredictionCache:
        """Wrap the prediction cache."""
        return ObservedPredictionCache(cache, self.metrics, self.tracer)

    def log_decisions(self, assess_once: AssessOnce) -> AssessOnce:
        """Wrap the use case where no request's log line has the facts of the decision."""
        return cast(AssessOnce, LoggedDecisions(assess_once, self.tracer))

    def traceparent(self) -> str | None:
        """The trace of the current task, as a W3C traceparent; None where there is none."""
        return None if self.tracer is None else self.tracer.traceparent()

    @contextmanager
    def page_event(self, page: str) -> Iterator[None]:
        """Trace what an event of a page starts; `page` is the template of the page's path."""
        span = None if self.tracer is None else self.tracer.begin_root(f"event {page}", Kind.SERVER)
        try:
            yield
        finally:
            if span is not None:
                span.end({"scoring.page": page})

    def close(self) -> None:
        """Send pending spans and reports, within two seconds in total."""
        deadline = monotonic() + _CLOSING_SECONDS
        for sender in (self.tracer, self.reporter):
            if sender is not None:
                sender.close(max(0.2, deadline - monotonic() - 0.2))


def _tracer(service: str, version: str, endpoint: str, sample_rate: float, environment: str) -> Tracer:
    from adapters.observability.tracing.otlp import OpenTelemetryTracer  # noqa: PLC0415 - 0.2 s, only where traces are exported

    return OpenTelemetryTracer(
        service=service, version=version, endpoint=endpoint, sample_rate=sample_rate, environment=environment
    )


def _reporter(service: str, version: str, dsn: str, environment: str, tracer: Tracer | None) -> Reporter:
    from adapters.observability.error_reports import ErrorReports  # noqa: PLC0415 - 0.2 s, only where errors are reported

    return ErrorReports(
        dsn=dsn,
        service=service,
        version=version,
        environment=environment,
        traceparent=(lambda: None) if tracer is None else tracer.traceparent,
    )
