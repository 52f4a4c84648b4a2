"""Metrics for Prometheus, in a registry of their own; as many series as routes, outcomes and kinds of errors."""

from abc import abstractmethod
from typing import Protocol

from prometheus_client import (
    CONTENT_TYPE_LATEST,
    CollectorRegistry,
    Counter,
    Gauge,
    GCCollector,
    PlatformCollector,
    ProcessCollector,
    generate_latest,
)

from adapters.observability.metrics.cache_metrics import CacheFigures, Figures
from adapters.observability.metrics.counters import Counts, Tallies, Tally

_REQUEST_BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
_CALL_BUCKETS = (0.0001, 0.0005, *_REQUEST_BUCKETS)
_BATCH_BUCKETS = (1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024)
_STATUSES = ("none", "1xx", "2xx", "3xx", "4xx", "5xx")
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


class Stopwatch(Protocol):
    """Takes how long something took, in seconds, and how often that was."""

    @abstractmethod
    def __call__(self, amount: float, times: int = 1, /) -> None:
        """Count it."""


class Metrics:
    """What is counted and timed, in the thread of the event loop. Times in seconds.

    `requests_in_progress` is for whoever answers them to count up and down.
    """

    def __init__(self) -> None:
        self.registry = registry = CollectorRegistry()
        ProcessCollector(registry=registry)
        PlatformCollector(registry=registry)
        GCCollector(registry=registry)
        self._versions = Gauge(
            "scoring_build_info",
            "Which release, model and policy are at work.",
            ["version", "model_version", "policy_version"],
            registry=registry,
        )
        self._decisions = Counts("scoring_decisions", "Decisions put on record.", ["outcome", "channel"])
        self._refusals = Counts(
            "scoring_refusals",
            "Requests and attempts to log in that were refused because there were too many; by which limit.",
            ["limit"],
        )
        self._security_events = Counts(
            "scoring_security_events",
            "Security events (docs/security-events.md), by kind and result.",
            ["kind", "result"],
        )
        self._requests = Tallies(
            "scoring_request_seconds",
            "From the request's arrival to the answer's last byte.",
            ["route", "method", "status"],
            _REQUEST_BUCKETS,
        )
        self.requests_in_progress = 0
        Gauge("scoring_requests_in_progress", "Requests being answered.", registry=registry).set_function(
            lambda: self.requests_in_progress
        )
        self._calls = Tallies(
            "scoring_call_seconds",
            "Time in a use case, or in what the service stands on.",
            ["name"],
            _CALL_BUCKETS,
        )
        self._errors = Counter(
            "scoring_errors",
            "Exceptions by their type; where: a use case, or `request` for what nobody expected.",
            ["where", "type"],
            registry=registry,
        )
        batches = Tallies("scoring_ledger_commit_decisions", "Decisions that shared a commit.", (), _BATCH_BUCKETS)
        commits = Tallies("scoring_ledger_commit_seconds", "Time of one commit of the ledger.", (), _CALL_BUCKETS)
        self._batches, self._commits = batches.of(), commits.of()
        self._published = Gauge(
            "scoring_checkpoint_published",
            "Number of the last checkpoint of the audit trail that a destination is known to have.",
            ["destination"],
            registry=registry,
        )
        self._caches = CacheFigures()
        counts = (self._decisions, self._refusals, self._security_events, self._requests, self._calls)
        for collector in (*counts, batches, commits, self._caches):
            registry.register(collector)

    def state_versions(self, *, version: str, model_version: str, policy_version: str) -> None:
        """Say which release, model and policy are at work from now on."""
        self._versions.clear()
        self._versions.labels(version, model_version, policy_version).set(1)

    def answered(self, *, route: str, method: str, status: int, seconds: float) -> None:
        """A request was answered; `route` is the template, `status` 0 if nothing was sent."""
        self.requests(route=route, method=method, status=status).observe(seconds)

    def requests(self, *, route: str, method: str, status: int) -> Tally:
        """What takes the seconds of requests that were answered so."""
        kind = _STATUSES[status // 100] if status < 600 else "none"
        return self._requests.of(route, method if method in _METHODS else "other", kind)

    def decided(self, *, outcome: str, channel: str, times: int = 1) -> None:
        """Decisions were put on record."""
        self._decisions.add((outcome, channel), times)

    def refused(self, limit: str = "requests") -> None:
        """There were too many of something: requests of one caller, unless told otherwise."""
        self._refusals.add((limit,))

    def security_event(self, kind: str, result: str) -> None:
        """A security event was recorded."""
        self._security_events.add((kind, result))

    def failed(self, *, where: str, kind: str) -> None:
        """An exception of this type was raised."""
        self._errors.labels(where, kind).inc()

    def stopwatch(self, name: str) -> Stopwatch:
        """What takes the times of calls of this name."""
        return self._calls.of(name).observe

    def ledger_committed(self, decisions: int, seconds: float) -> None:
        """A hook for the ledger: so many decisions shared a commit that took so long."""
        self._batches.observe(decisions)
        self._commits.observe(seconds)

    def checkpoint_published(self, destination: str, number: int) -> None:
        """A copy of this checkpoint was published."""
        self._published.labels(destination).set(number)

    def watch_cache(self, name: str, figures: Figures) -> None:
        """Read a cache's own figures whenever the metrics are read."""
        self._caches.watch(name, figures)

    def exposition(self) -> tuple[bytes, str]:
        """Everything as it stands, in Prometheus's text format, and its media type."""
        return generate_latest(self.registry), CONTENT_TYPE_LATEST
