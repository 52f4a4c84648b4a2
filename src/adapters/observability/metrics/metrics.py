"""Metrics of a process for Prometheus, in a registry of their own."""

from prometheus_client import (
    CONTENT_TYPE_LATEST,
    CollectorRegistry,
    Gauge,
    GCCollector,
    PlatformCollector,
    ProcessCollector,
    generate_latest,
)

from adapters.observability.metrics.cache_metrics import CacheCounts, CacheMetrics
from adapters.observability.metrics.counters import Counter, Histogram, HistogramSeries

_REQUEST_BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
_CALL_BUCKETS = (0.0001, 0.0005, *_REQUEST_BUCKETS)
_COMMIT_SIZE_BUCKETS = (1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024)
_STATUS_CLASSES = ("none", "1xx", "2xx", "3xx", "4xx", "5xx")
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


class Metrics:
    """Counts and durations in seconds, recorded in the thread of the event loop.

    Labels have few values: routes, outcomes and types of errors. Servers count `requests_in_progress` up and down.
    """

    def __init__(self) -> None:
        self.registry = registry = CollectorRegistry()
        ProcessCollector(registry=registry)
        PlatformCollector(registry=registry)
        GCCollector(registry=registry)
        self._versions = Gauge(
            "scoring_build_info",
            "Release, model and policy in use.",
            ["version", "model_version", "policy_version"],
            registry=registry,
        )
        self._decisions = Counter("scoring_decisions", "Decisions recorded.", ["outcome", "channel"])
        self._rate_limited = Counter(
            "scoring_rate_limited", "Requests and login attempts refused by a rate limit.", ["limit"]
        )
        self._fallbacks = Counter(
            "scoring_fast_path_fallbacks", "Requests for a decision that the fast path did not answer.", ["reason"]
        )
        self._security_events = Counter(
            "scoring_security_events",
            "Security events (docs/security-events.md), by kind and result.",
            ["kind", "result"],
        )
        self._requests = Histogram(
            "scoring_request_duration_seconds",
            "Time from a request's arrival to the last byte of its response.",
            ["route", "method", "status"],
            _REQUEST_BUCKETS,
        )
        self.requests_in_progress = 0
        Gauge("scoring_requests_in_progress", "Requests being served.", registry=registry).set_function(
            lambda: self.requests_in_progress
        )
        self._calls = Histogram(
            "scoring_call_duration_seconds", "Duration of calls of use cases and ports.", ["name"], _CALL_BUCKETS
        )
        self._errors = Counter(
            "scoring_errors",
            "Exceptions by type; `where` is a use case or port, or `request` for an unexpected error.",
            ["where", "type"],
        )
        commit_sizes = Histogram(
            "scoring_ledger_commit_decisions", "Decisions per group commit.", (), _COMMIT_SIZE_BUCKETS
        )
        commit_durations = Histogram(
            "scoring_ledger_commit_duration_seconds", "Duration of a group commit.", (), _CALL_BUCKETS
        )
        self._commit_size, self._commit_duration = commit_sizes.labels(), commit_durations.labels()
        self._published = Gauge(
            "scoring_checkpoint_published_number",
            "Number of the last audit trail checkpoint published to a destination.",
            ["destination"],
            registry=registry,
        )
        self._caches = CacheMetrics()
        counters = (self._decisions, self._rate_limited, self._fallbacks, self._security_events, self._errors)
        histograms = (self._requests, self._calls, commit_sizes, commit_durations)
        for collector in (*counters, *histograms, self._caches):
            registry.register(collector)

    def set_versions(self, *, version: str, model_version: str, policy_version: str) -> None:
        """Set the release, model and policy in use."""
        self._versions.clear()
        self._versions.labels(version, model_version, policy_version).set(1)

    def requests(self, *, route: str, method: str, status: int) -> HistogramSeries:
        """Return the series for requests of this route template, method and status (0: no response was sent)."""
        status_class = _STATUS_CLASSES[status // 100] if status < 600 else "none"
        return self._requests.labels(route, method if method in _METHODS else "other", status_class)

    def decisions_recorded(self, *, outcome: str, channel: str, count: int = 1) -> None:
        """Count recorded decisions."""
        self._decisions.inc((outcome, channel), count)

    def rate_limited(self, limit: str = "requests") -> None:
        """Count a refusal by this rate limit."""
        self._rate_limited.inc((limit,))

    def fell_back(self, reason: str) -> None:
        """Count a request that the fast path did not answer; `reason` is one of a fixed set."""
        self._fallbacks.inc((reason,))

    def security_event(self, kind: str, result: str) -> None:
        """Count a security event."""
        self._security_events.inc((kind, result))

    def error(self, *, where: str, kind: str) -> None:
        """Count an exception of this type."""
        self._errors.inc((where, kind))

    def calls(self, name: str) -> HistogramSeries:
        """Return the series for calls of this use case or port."""
        return self._calls.labels(name)

    def ledger_committed(self, decisions: int, seconds: float) -> None:
        """Record a group commit: its size and its duration."""
        self._commit_size.observe(decisions)
        self._commit_duration.observe(seconds)

    def checkpoint_published(self, destination: str, number: int) -> None:
        """Record that this checkpoint was published."""
        self._published.labels(destination).set(number)

    def watch_cache(self, name: str, counts: CacheCounts) -> None:
        """Include the counts of a cache."""
        self._caches.watch(name, counts)

    def exposition(self) -> tuple[bytes, str]:
        """Return all metrics in Prometheus's text format, and its media type."""
        return generate_latest(self.registry), CONTENT_TYPE_LATEST
