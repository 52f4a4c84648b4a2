"""Observability put together: what the composition root starts, hands out and closes."""

from abc import abstractmethod
from dataclasses import dataclass
from time import monotonic
from typing import Protocol, TextIO

from adapters.observability.asgi import ASGIApp
from adapters.observability.logging.logs import configure_logging
from adapters.observability.logging.security_events import LoggedSecurityEvents
from adapters.observability.metrics.metrics import Metrics
from adapters.observability.request_observer import AnsweredRequests, RequestObserver
from adapters.observability.tracing.spans import Tracer
from adapters.observability.wrappers.observed_ports import ObservedLedger, ObservedPredictionCache
from adapters.observability.wrappers.observed_use_case import UseCase, observed, observed_each
from application.ports.decisions.decision_ledger import DecisionLedger
from application.ports.models.prediction_cache import PredictionCache

_CLOSING_SECONDS = 2.0


class Reporter(Protocol):
    """Takes what nobody expected."""

    @abstractmethod
    def report(self, fault: BaseException) -> None:
        """Report what nobody caught."""

    @abstractmethod
    def close(self, patience: float) -> None:
        """Send what is left, within so many seconds."""


@dataclass(frozen=True, slots=True)
class Observability:
    """Logs, security events, metrics, spans and error reports of this process.

    There is no tracer and no reporter where none are wanted.
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
        policy_version: str = "",
        log_level: str = "info",
        log_format: str = "auto",
        log_stream: TextIO | None = None,
        otlp_endpoint: str | None = None,
        trace_sample_rate: float = 1.0,
        sentry_dsn: str | None = None,
    ) -> "Observability":
        """Configure the logs of this process, and send spans and error reports where addresses are given.

        `service` names the process ("scoring-api"); `log_format` is json, console or auto. The log goes to
        standard error unless told otherwise.
        """
        configure_logging(log_level, log_format, log_stream)
        metrics = Metrics()
        metrics.state_versions(version=version, model_version=model_version, policy_version=policy_version)
        return cls(
            metrics,
            LoggedSecurityEvents(metrics.security_event),
            _tracer(service, version, otlp_endpoint, trace_sample_rate) if otlp_endpoint else None,
            _reporter(service, version, sentry_dsn) if sentry_dsn else None,
        )

    @property
    def answered_requests(self) -> AnsweredRequests:
        """What takes note of requests that were answered."""
        return AnsweredRequests(self.metrics)

    def middleware(self, app: ASGIApp) -> ASGIApp:
        """The application, observed."""
        report = None if self.reporter is None else self.reporter.report
        return RequestObserver(app, self.answered_requests, self.security_events, self.tracer, report)

    def observe(self, use_case: UseCase, name: str) -> UseCase:
        """The use case (or any callable), observed; to be called as before, its attributes at hand as before."""
        return observed(use_case, name, self.metrics, self.tracer, self.security_events.denied)

    def observe_each(self, use_case: UseCase, name: str) -> UseCase:
        """The same of a use case that does several things at once, and tells of each what became of it."""
        return observed_each(use_case, name, self.metrics, self.tracer)

    def observe_ledger(self, ledger: DecisionLedger) -> DecisionLedger:
        """The ledger, observed: this is where decisions are counted."""
        return ObservedLedger(ledger, self.metrics, self.tracer)

    def observe_cache(self, cache: PredictionCache) -> PredictionCache:
        """The cache, observed."""
        return ObservedPredictionCache(cache, self.metrics, self.tracer)

    def close(self) -> None:
        """Send the spans and reports that are left, within two seconds altogether."""
        deadline = monotonic() + _CLOSING_SECONDS
        for sender in (self.tracer, self.reporter):
            if sender is not None:
                sender.close(max(0.2, deadline - monotonic() - 0.2))


def _tracer(service: str, version: str, endpoint: str, sample_rate: float) -> Tracer:
    from adapters.observability.tracing.otlp import OpenTelemetryTracer  # noqa: PLC0415 - 0.2 s, only for those who trace

    return OpenTelemetryTracer(service=service, version=version, endpoint=endpoint, sample_rate=sample_rate)


def _reporter(service: str, version: str, dsn: str) -> Reporter:
    from adapters.observability.error_reports import ErrorReports  # noqa: PLC0415 - 0.2 s, only for those who report

    return ErrorReports(dsn=dsn, service=service, version=version)
