"""The interface of tracing, so that the rest of observability does not import OpenTelemetry.

Requests that are processed as a batch share their calls. While a `BatchTrace` records, spans begun in its task are
not spans of their own: each sampled request of the batch gets a copy once it is answered.
"""

from abc import abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from contextvars import ContextVar
from enum import Enum
from time import perf_counter
from typing import Any, Protocol

Attributes = Mapping[str, str | int | float | bool]
Headers = Iterable[tuple[bytes, bytes]]


class Kind(Enum):
    """The kind of a span: whether and how it crosses the border of the process."""

    INTERNAL = "internal"
    SERVER = "server"
    CLIENT = "client"
    CONSUMER = "consumer"


class OpenSpan(Protocol):
    """A span in progress; spans begun in the same task meanwhile are its children."""

    @property
    @abstractmethod
    def trace_id(self) -> str:
        """The identifier of its trace, 32 hexadecimal digits."""

    @abstractmethod
    def end(
        self, attributes: Attributes | None = None, *, name: str | None = None, error: str | None = None
    ) -> None:
        """End it, in the task that began it. `error` is the type of an exception."""


class TraceContext(Protocol):
    """The trace that a request belongs to."""

    @property
    @abstractmethod
    def trace_id(self) -> str:
        """Its identifier, 32 hexadecimal digits."""

    @property
    @abstractmethod
    def sampled(self) -> bool:
        """Whether its spans are exported."""


class Call(OpenSpan):
    """A call made for a batch; times in seconds by `perf_counter`, `parent` is the call that made it.

    `error` is the type of an exception, or of the first of the batch's requests that failed in this call.
    """

    __slots__ = ("attributes", "ended", "error", "kind", "links", "name", "parent", "started", "trace")

    def __init__(self, trace: "BatchTrace", name: str, parent: "Call | None") -> None:
        self.trace = trace
        self.name = name
        self.parent = parent
        self.error: str | None = None
        self.kind = Kind.INTERNAL
        self.attributes: Attributes = _NONE
        self.links: Sequence[Any] = ()
        self.started = self.ended = perf_counter()

    @property
    def trace_id(self) -> str:
        """Empty: it belongs to as many traces as the batch has requests."""
        return ""

    def end(
        self, attributes: Attributes | None = None, *, name: str | None = None, error: str | None = None
    ) -> None:
        """End it; calls within the service have no attributes."""
        del attributes
        self.ended = perf_counter()
        self.name, self.error = name or self.name, error
        _recording.set((self.trace, self.parent))


class BatchTrace:
    """The calls made for a batch of requests, from its creation to `stop`, which is called in the same task.

    `requests` are the traces that the requests belong to, in their order.
    """

    def __init__(self, requests: Sequence[TraceContext] = ()) -> None:
        self.requests = requests
        self.calls: list[Call] = []
        self._token = _recording.set((self, None))

    def stop(self) -> None:
        """Record no further calls."""
        _recording.reset(self._token)


_NONE: Attributes = {}
_recording: ContextVar[tuple[BatchTrace, Call | None] | None] = ContextVar("batch_trace", default=None)
"""The batch that is processed in this task, and the call in progress."""


def current_call() -> Call | None:
    """The call in progress of the batch that is processed in this task."""
    recording = _recording.get()
    return None if recording is None else recording[1]


class Tracer(Protocol):
    """Begins spans, and reports those of requests that have ended."""

    def begin(self, name: str, kind: Kind = Kind.INTERNAL) -> OpenSpan:
        """Begin a span within the service."""
        recording = _recording.get()
        if recording is None:
            return self.begin_span(name, kind)
        trace, parent = recording
        call = Call(trace, name, parent)
        trace.calls.append(call)
        _recording.set((trace, call))
        return call

    @abstractmethod
    def begin_span(self, name: str, kind: Kind = Kind.INTERNAL) -> OpenSpan:
        """Begin a child of the task's current span; of one that ended long ago, a new trace with a link to it."""

    @abstractmethod
    def begin_root(self, name: str, kind: Kind, traceparent: str | None = None) -> OpenSpan:
        """Begin a span in the trace of `traceparent`, or in a new one, whatever span the task is in."""

    @abstractmethod
    def begin_request(self, name: str, headers: Headers, *, started: float | None = None) -> OpenSpan:
        """Begin the span of a request, in the caller's trace if its headers name one (W3C traceparent).

        `started` is in seconds by `perf_counter`; by default the span starts now.
        """

    @abstractmethod
    def traceparent(self) -> str | None:
        """The task's current span as a W3C traceparent, for another process; None outside a span."""

    @abstractmethod
    def join_trace(self, headers: Headers) -> TraceContext:
        """The trace of a request that is processed in a batch."""

    @abstractmethod
    def record_request(
        self,
        context: TraceContext,
        name: str,
        *,
        started: float,
        ended: float,
        attributes: Attributes,
        calls: Iterable[Call],
    ) -> None:
        """Report the span of a request that has ended, with its calls as descendants; times by `perf_counter`."""

    @abstractmethod
    def record_calls(self, span: OpenSpan, calls: Iterable[Call], error: str) -> None:
        """Report the calls of a batch as descendants of the span of a request that failed; `error` is the type."""

    @abstractmethod
    def commit_origin(self) -> object | None:
        """What `record_commit` needs to know of the task that submits decisions; None if it is not sampled."""

    @abstractmethod
    def record_commit(
        self, origins: Sequence[object], *, decisions: int, started: float, ended: float, error: str | None = None
    ) -> None:
        """Report a group commit as a child of each call that submitted a part of it; one copy links them all."""

    @abstractmethod
    def close(self, timeout: float) -> None:
        """Export the remaining spans, within `timeout` seconds."""
