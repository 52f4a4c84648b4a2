"""Spans of OpenTelemetry: those in progress, and those reported once they have ended."""

import time
from collections.abc import Iterable, Sequence
from contextvars import ContextVar
from typing import NamedTuple

from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan, SpanProcessor
from opentelemetry.sdk.trace.id_generator import RandomIdGenerator
from opentelemetry.sdk.util.instrumentation import InstrumentationScope
from opentelemetry.trace import Link, Span, SpanContext, SpanKind, Status, StatusCode

from adapters.observability.tracing.spans import Attributes, Call, Kind, OpenSpan

KINDS = {
    Kind.INTERNAL: SpanKind.INTERNAL,
    Kind.SERVER: SpanKind.SERVER,
    Kind.CLIENT: SpanKind.CLIENT,
    Kind.CONSUMER: SpanKind.CONSUMER,
}
_UNSET, _ERROR = Status(StatusCode.UNSET), Status(StatusCode.ERROR)

current_span: ContextVar["OpenTelemetrySpan | None"] = ContextVar("current_span", default=None)
"""The span in progress in this task. A task that outlives the span keeps it."""


class OpenTelemetrySpan(OpenSpan):
    """A span, current in this task until it ends."""

    __slots__ = ("_span", "_token", "ended")

    def __init__(self, span: Span) -> None:
        self._span = span
        self._token = current_span.set(self)
        self.ended: float | None = None
        """The time at which it ended, by `perf_counter`."""

    @property
    def trace_id(self) -> str:
        """The trace's identifier, also of a trace that is not sampled."""
        return f"{self.context.trace_id:032x}"

    @property
    def span(self) -> Span:
        """The span of OpenTelemetry."""
        return self._span

    @property
    def context(self) -> SpanContext:
        """What its children refer to."""
        return self._span.get_span_context()

    def end(
        self, attributes: Attributes | None = None, *, name: str | None = None, error: str | None = None
    ) -> None:
        """End the span; of an error only the type is reported, as messages may quote a request."""
        current_span.reset(self._token)
        self.ended = time.perf_counter()
        if self._span.is_recording():
            if name is not None:
                self._span.update_name(name)
            if attributes:
                self._span.set_attributes(attributes)
            if error is not None:
                self._span.set_attribute("error.type", error)
                self._span.set_status(_ERROR)
        self._span.end()


class JoinedTrace(NamedTuple):
    """The trace of a request in a batch: the caller's span if there is one, and the request's own if sampled."""

    trace_id: str
    parent: SpanContext | None
    own: SpanContext | None

    @property
    def sampled(self) -> bool:
        """Whether its spans are exported."""
        return self.own is not None


class SpanExport:
    """Exports spans that have ended; times are in seconds by `perf_counter`."""

    def __init__(self, processor: SpanProcessor, resource: Resource, scope: InstrumentationScope) -> None:
        self._processor = processor
        self._resource = resource
        self._scope = scope
        self._ids = RandomIdGenerator()

    def new_span_id(self) -> int:
        """A random identifier."""
        return self._ids.generate_span_id()

    def new_trace_id(self) -> int:
        """A random identifier."""
        return self._ids.generate_trace_id()

    def calls(self, root: SpanContext, calls: Iterable[Call], error: str | None = None) -> None:
        """Export calls; of those of a request that failed with `error`, the outermost failed with it."""
        contexts: dict[Call | None, SpanContext] = {None: root}
        for call in calls:
            own = contexts[call] = self.child_of(root)
            failed = call.error if call.kind is Kind.CLIENT else None
            if error is not None and (call.parent is None or call.error == error):
                failed = error
            self.span(
                call.name,
                own,
                contexts[call.parent],
                call.started,
                call.ended,
                kind=KINDS[call.kind],
                attributes=call.attributes,
                links=call.links,
                error=failed,
            )
            call.links = ()  # on the first copy only

    def child_of(self, context: SpanContext) -> SpanContext:
        """The context of a new span in the same trace."""
        return SpanContext(
            context.trace_id, self._ids.generate_span_id(), False, context.trace_flags, context.trace_state
        )

    def span(
        self,
        name: str,
        own: SpanContext,
        parent: SpanContext | None,
        started: float,
        ended: float,
        *,
        kind: SpanKind = SpanKind.INTERNAL,
        attributes: Attributes,
        links: Sequence[Link] = (),
        error: str | None = None,
    ) -> None:
        """Export one span."""
        offset = clock_offset()
        self._processor.on_end(
            ReadableSpan(
                name,
                own,
                parent,
                self._resource,
                attributes if error is None else {**attributes, "error.type": error},
                links=links,
                kind=kind,
                status=_UNSET if error is None else _ERROR,
                start_time=offset + int(started * 1e9),
                end_time=offset + int(ended * 1e9),
                instrumentation_scope=self._scope,
            )
        )


def clock_offset() -> int:
    """Nanoseconds between `perf_counter` and the Unix epoch."""
    return time.time_ns() - time.perf_counter_ns()
