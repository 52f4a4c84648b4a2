"""Spans exported to an OpenTelemetry collector (OTLP over HTTP). Imported only where one is configured."""

import threading
import time
from collections.abc import Iterable
from typing import NamedTuple

from opentelemetry import context
from opentelemetry.context import Context
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.sdk.trace.id_generator import RandomIdGenerator
from opentelemetry.sdk.trace.sampling import ParentBasedTraceIdRatio, TraceIdRatioBased
from opentelemetry.sdk.util.instrumentation import InstrumentationScope
from opentelemetry.trace import (
    Span,
    SpanContext,
    SpanKind,
    Status,
    StatusCode,
    TraceFlags,
    get_current_span,
    set_span_in_context,
)
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from adapters.observability.tracing.spans import Attributes, Call, Headers, OpenSpan, TraceContext, Tracer

_PATH = "/v1/traces"
_EXPORT_TIMEOUT = 2
_PROPAGATED = (b"traceparent", b"tracestate")
_UNSET, _ERROR = Status(StatusCode.UNSET), Status(StatusCode.ERROR)


class OpenTelemetrySpan(OpenSpan):
    """A span, current in this task until it ends."""

    __slots__ = ("_span", "_token")

    def __init__(self, span: Span) -> None:
        self._span = span
        self._token = context.attach(set_span_in_context(span))

    @property
    def trace_id(self) -> str:
        """The trace's identifier, also of a trace that is not sampled."""
        return f"{self.context.trace_id:032x}"

    @property
    def context(self) -> SpanContext:
        """What its children refer to."""
        return self._span.get_span_context()

    def end(
        self, attributes: Attributes | None = None, *, name: str | None = None, error: str | None = None
    ) -> None:
        """End the span; of an error only the type is reported, as messages may quote a request."""
        context.detach(self._token)
        if self._span.is_recording():
            if name is not None:
                self._span.update_name(name)
            if attributes:
                self._span.set_attributes(attributes)
            if error is not None:
                self._span.set_attribute("error.type", error)
                self._span.set_status(_ERROR)
        self._span.end()


class _Joined(NamedTuple):
    """The trace of a request: the caller's span if there is one, and what the request's own span refers to."""

    trace_id: str
    sampled: bool
    parent: SpanContext | None
    number: int


class OpenTelemetryTracer(Tracer):
    """Samples a share of the traces that start here; the caller's sampling decision is followed.

    Exports in the background, at most two seconds per attempt; spans that the collector does not accept are
    dropped.
    """

    def __init__(self, *, service: str, version: str, endpoint: str, sample_rate: float) -> None:
        base = endpoint.rstrip("/")
        url = base if base.endswith(_PATH) else base + _PATH
        self._resource = Resource.create({"service.name": service, "service.version": version})
        self._provider = TracerProvider(
            sampler=ParentBasedTraceIdRatio(sample_rate), resource=self._resource, shutdown_on_exit=False
        )
        exporter = OTLPSpanExporter(endpoint=url, timeout=_EXPORT_TIMEOUT)
        self._processor = BatchSpanProcessor(exporter, schedule_delay_millis=1000)
        self._provider.add_span_processor(self._processor)
        self._tracer = self._provider.get_tracer(service, version)
        self._scope = InstrumentationScope(service, version)
        self._propagator = TraceContextTextMapPropagator()
        self._ids = RandomIdGenerator()
        self._sampled_below = TraceIdRatioBased.get_bound_for_rate(sample_rate)

    def begin_span(self, name: str) -> OpenSpan:
        """A child of the task's current span."""
        return OpenTelemetrySpan(self._tracer.start_span(name))

    def begin_request(self, name: str, headers: Headers, *, started: float | None = None) -> OpenSpan:
        """A child of the caller's span, else the first span of its trace."""
        start_time = None if started is None else _clock_offset() + int(started * 1e9)
        return OpenTelemetrySpan(
            self._tracer.start_span(name, self._parent(headers), SpanKind.SERVER, start_time=start_time)
        )

    def _parent(self, headers: Headers) -> Context:
        carrier = {key.decode(): value.decode("latin-1") for key, value in headers if key in _PROPAGATED}
        return self._propagator.extract(carrier, Context()) if carrier else Context()

    def join_trace(self, headers: Headers) -> _Joined:
        """The caller's trace, else a new one, sampled as the SDK would."""
        parent = get_current_span(self._parent(headers)).get_span_context() if headers else None
        if parent is not None and parent.is_valid:
            return _Joined(f"{parent.trace_id:032x}", parent.trace_flags.sampled, parent, parent.trace_id)
        number = self._ids.generate_trace_id()
        sampled = number & TraceIdRatioBased.TRACE_ID_LIMIT < self._sampled_below
        return _Joined(f"{number:032x}", sampled, None, number)

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
        """Export the spans of a sampled request that has ended."""
        if not context.sampled or not isinstance(context, _Joined):
            return
        parent = context.parent
        own = SpanContext(
            context.number,
            self._ids.generate_span_id(),
            is_remote=False,
            trace_flags=parent.trace_flags if parent else _NEW_TRACE,
            trace_state=parent.trace_state if parent else None,
        )
        self._export(name, own, parent, started, ended, kind=SpanKind.SERVER, attributes=attributes)
        self._export_calls(own, calls)

    def record_calls(self, span: OpenSpan, calls: Iterable[Call], error: str) -> None:
        """Export calls as descendants of a span, if it is sampled."""
        if isinstance(span, OpenTelemetrySpan) and span.context.trace_flags.sampled:
            self._export_calls(span.context, calls, error)

    def _export_calls(self, root: SpanContext, calls: Iterable[Call], error: str | None = None) -> None:
        """Export calls; of those of a request that failed with `error`, the outermost failed with it."""
        contexts: dict[Call | None, SpanContext] = {None: root}
        for call in calls:
            own = contexts[call] = SpanContext(
                root.trace_id, self._ids.generate_span_id(), False, root.trace_flags, root.trace_state
            )
            failed = error is not None and (call.parent is None or call.error == error)
            attributes = {"error.type": error} if error is not None and failed else None
            self._export(call.name, own, contexts[call.parent], call.started, call.ended, attributes=attributes)

    def _export(
        self,
        name: str,
        own: SpanContext,
        parent: SpanContext | None,
        started: float,
        ended: float,
        *,
        kind: SpanKind = SpanKind.INTERNAL,
        attributes: Attributes | None = None,
    ) -> None:
        offset = _clock_offset()
        failed = attributes is not None and "error.type" in attributes
        self._processor.on_end(
            ReadableSpan(
                name,
                own,
                parent,
                self._resource,
                attributes or {},
                kind=kind,
                status=_ERROR if failed else _UNSET,
                start_time=offset + int(started * 1e9),
                end_time=offset + int(ended * 1e9),
                instrumentation_scope=self._scope,
            )
        )

    def close(self, timeout: float) -> None:
        """Export the remaining spans; a collector that does not respond in time is given up."""
        exporting = threading.Thread(target=self._provider.shutdown, daemon=True)
        exporting.start()
        exporting.join(timeout)


_NEW_TRACE = TraceFlags(TraceFlags.SAMPLED | TraceFlags.RANDOM_TRACE_ID)


def _clock_offset() -> int:
    """Nanoseconds between `perf_counter` and the Unix epoch."""
    return time.time_ns() - time.perf_counter_ns()
