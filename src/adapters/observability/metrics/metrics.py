"""Metrics of a process for Prometheus, in a registry of their own."""

from collections.abc import Sequence
from typing import Protocol

from prometheus_client import (
    CONTENT_TYPE_LATEST,
    CollectorRegistry,
    GCCollector,
    PlatformCollector,
    ProcessCollector,
    generate_latest,
)

from adapters.observability.metrics.access_metrics import AccessMetrics
from adapters.observability.metrics.batch_metrics import BatchMetrics
from adapters.observability.metrics.cache_metrics import CacheMetrics
from adapters.observability.metrics.call_metrics import CallMetrics
from adapters.observability.metrics.case_metrics import CaseMetrics
from adapters.observability.metrics.decision_metrics import DecisionMetrics
from adapters.observability.metrics.document_metrics import DocumentMetrics
from adapters.observability.metrics.families import Family
from adapters.observability.metrics.ledger_metrics import LedgerMetrics
from adapters.observability.metrics.loan_metrics import LoanMetrics
from adapters.observability.metrics.notice_metrics import NoticeMetrics
from adapters.observability.metrics.process_metrics import ProcessMetrics
from adapters.observability.metrics.request_metrics import RequestMetrics
from adapters.observability.metrics.state_metrics import StateMetrics

SERVED_BY = ("api", "ui", "worker")
"""The processes that serve metrics."""


class _Group(Protocol):
    @property
    def families(self) -> Sequence[Family]: ...


class Metrics:
    """All metrics, recorded in the thread of the event loop; those of this process are exposed.

    `process` is one of `SERVED_BY`; for any other, all metrics are exposed.
    """

    def __init__(self, process: str = "") -> None:
        self.process = ProcessMetrics()
        self.requests = RequestMetrics()
        self.access = AccessMetrics()
        self.calls = CallMetrics()
        self.caches = CacheMetrics()
        self.decisions = DecisionMetrics()
        self.documents = DocumentMetrics()
        self.ledger = LedgerMetrics()
        self.batches = BatchMetrics()
        self.cases = CaseMetrics()
        self.loans = LoanMetrics()
        self.state = StateMetrics(self.cases, NoticeMetrics())
        everywhere: tuple[_Group, ...] = (self.process, self.calls, self.decisions, self.documents)
        servers = (self.requests, self.access, self.ledger, self.caches, self.cases)
        groups: dict[str, tuple[_Group, ...]] = {
            "api": (*servers, self.state, self.loans),
            "ui": servers,
            "worker": (self.batches,),
        }
        others = groups.get(process, (*servers, self.state, self.loans, self.batches))
        self.families = [family for group in (*everywhere, *others) for family in group.families]
        self.registry = CollectorRegistry()
        for standard in (ProcessCollector, PlatformCollector, GCCollector):
            standard(registry=self.registry)
        for family in self.families:
            self.registry.register(family)

    def exposition(self) -> tuple[bytes, str]:
        """Return the metrics of this process in Prometheus's text format, and their media type."""
        return generate_latest(self.registry), CONTENT_TYPE_LATEST
