"""Spans exported to an OpenTelemetry collector (OTLP over HTTP). Imported only where one is configured."""

import logging
import threading
from collections.abc import Iterable, Sequence
from time import perf_counter
from uuid import uuid4

from opentelemetry.context import Context
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.sdk.trace.sampling import ParentBasedTraceIdRatio, TraceIdRatioBased
from opentelemetry.sdk.util.instrumentation import InstrumentationScope
from opentelemetry.trace import Link, SpanContext, SpanKind, TraceFlags, get_current_span, set_span_in_context
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from adapters.observability.tracing.otlp_spans import (
    KINDS,
    JoinedTrace,
    OpenTelemetrySpan,
    SpanExport,
    clock_offset,
    current_span,
)
from adapters.observability.tracing.spans import (
    Attributes,
    Call,
    Headers,
    Kind,
    OpenSpan,
    TraceContext,
    Tracer,
    current_call,
)

_PATH = "/v1/traces"
_EXPORT_TIMEOUT = 2
_PROPAGATED = (b"traceparent", b"tracestate")
_STALE_SECONDS = 5.0
"""A span that ended longer ago has no new children: a page's timers inherit the span of its request."""
_MAX_LINKS = 32
_COMMIT = "ledger.commit"
_COMMIT_ATTRIBUTES: dict[str, str | int] = {
    "db.system.name": "postgresql",
    "db.operation.name": "INSERT",
    "db.collection.name": "decisions",
}


class OpenTelemetryTracer(Tracer):
    """Samples a share of the traces that start here; the caller's sampling decision is followed.

    Exports in the background, at most two seconds per attempt; spans that the collector does not accept are
    dropped. `OTEL_RESOURCE_ATTRIBUTES` adds attributes to those that identify the process.
    """

    def __init__(
        self, *, service: str, version: str, endpoint: str, sample_rate: float, environment: str = ""
    ) -> None:
        logging.getLogger("opentelemetry.trace").setLevel(logging.ERROR)  # its warnings quote callers' headers
        base = endpoint.rstrip("/")
        url = base if base.endswith(_PATH) else base + _PATH
        process = {"service.name": service, "service.version": version, "service.instance.id": str(uuid4())}
        if environment:
            process["deployment.environment.name"] = environment
        resource = Resource.create(process)
        self._provider = TracerProvider(
            sampler=ParentBasedTraceIdRatio(sample_rate), resource=resource, shutdown_on_exit=False
        )
        exporter = OTLPSpanExporter(endpoint=url, timeout=_EXPORT_TIMEOUT)
        processor = BatchSpanProcessor(exporter, schedule_delay_millis=1000)
        self._provider.add_span_processor(processor)
        self._tracer = self._provider.get_tracer(service, version)
        self._export = SpanExport(processor, resource, InstrumentationScope(service, version))
        self._propagator = TraceContextTextMapPropagator()
        self._sampled_below = TraceIdRatioBased.get_bound_for_rate(sample_rate)

    def begin_span(self, name: str, kind: Kind = Kind.INTERNAL) -> OpenSpan:
        """A child of the task's current span; of one that ended long ago, a new trace with a link to it."""
        parent = current_span.get()
        if parent is None:
            return OpenTelemetrySpan(self._tracer.start_span(name, Context(), KINDS[kind]))
        if parent.ended is not None and perf_counter() - parent.ended > _STALE_SECONDS:
            links = [Link(parent.context)]
            return OpenTelemetrySpan(self._tracer.start_span(name, Context(), KINDS[kind], links=links))
        context = set_span_in_context(parent.span, Context())
        return OpenTelemetrySpan(self._tracer.start_span(name, context, KINDS[kind]))

    def begin_root(self, name: str, kind: Kind, traceparent: str | None = None) -> OpenSpan:
        """A span in the trace of `traceparent`, else the first of its trace."""
        headers = [] if traceparent is None else [(b"traceparent", traceparent.encode())]
        return OpenTelemetrySpan(self._tracer.start_span(name, self._parent(headers), KINDS[kind]))

    def begin_request(self, name: str, headers: Headers, *, started: float | None = None) -> OpenSpan:
        """A child of the caller's span, else the first span of its trace."""
        start_time = None if started is None else clock_offset() + int(started * 1e9)
        return OpenTelemetrySpan(
            self._tracer.start_span(name, self._parent(headers), SpanKind.SERVER, start_time=start_time)
        )

    def traceparent(self) -> str | None:
        """The task's current span as a W3C traceparent."""
        span = current_span.get()
        if span is None:
            return None
        context = span.context
        return f"00-{context.trace_id:032x}-{context.span_id:016x}-{context.trace_flags:02x}"

    def _parent(self, headers: Headers) -> Context:
        carrier = {key.decode(): value.decode("latin-1") for key, value in headers if key in _PROPAGATED}
        return self._propagator.extract(carrier, Context()) if carrier else Context()

    def join_trace(self, headers: Headers) -> JoinedTrace:
        """The caller's trace, else a new one, sampled as the SDK would."""
        parent = get_current_span(self._parent(headers)).get_span_context() if headers else None
        if parent is not None and parent.is_valid:
            own = self._export.child_of(parent) if parent.trace_flags.sampled else None
            return JoinedTrace(f"{parent.trace_id:032x}", parent, own)
        number = self._export.new_trace_id()
        sampled = number & TraceIdRatioBased.TRACE_ID_LIMIT < self._sampled_below
        own = SpanContext(number, self._export.new_span_id(), False, _NEW_TRACE) if sampled else None
        return JoinedTrace(f"{number:032x}", None, own)

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
        if not isinstance(context, JoinedTrace) or context.own is None:
            return
        self._export.span(
            name, context.own, context.parent, started, ended, kind=SpanKind.SERVER, attributes=attributes
        )
        self._export.calls(context.own, calls)

    def record_calls(self, span: OpenSpan, calls: Iterable[Call], error: str) -> None:
        """Export calls as descendants of a span, if it is sampled."""
        if isinstance(span, OpenTelemetrySpan) and span.context.trace_flags.sampled:
            self._export.calls(span.context, calls, error)

    def commit_origin(self) -> object | None:
        """The call in progress of a batch with sampled requests, or a sampled span."""
        call = current_call()
        if call is not None:
            return call if any(request.sampled for request in call.trace.requests) else None
        span = current_span.get()
        return span if span is not None and span.context.trace_flags.sampled else None

    def record_commit(
        self, origins: Sequence[object], *, decisions: int, started: float, ended: float, error: str | None = None
    ) -> None:
        """Add the commit to the calls of batches, and export it as a child of spans."""
        links = _links(origins)
        attributes = {**_COMMIT_ATTRIBUTES, "scoring.commit.decisions": decisions}
        for origin in origins:
            if isinstance(origin, Call):
                commit = Call(origin.trace, _COMMIT, origin)
                commit.started, commit.ended, commit.error = started, ended, error
                commit.kind, commit.attributes, commit.links = Kind.CLIENT, attributes, links
                origin.trace.calls.append(commit)
            elif isinstance(origin, OpenTelemetrySpan):
                self._export.span(
                    _COMMIT,
                    self._export.child_of(origin.context),
                    origin.context,
                    started,
                    ended,
                    kind=SpanKind.CLIENT,
                    attributes=attributes,
                    links=links,
                    error=error,
                )
            links = ()  # on one copy only: exporting three links takes as long as exporting a span

    def close(self, timeout: float) -> None:
        """Export the remaining spans; a collector that does not respond in time is given up."""
        exporting = threading.Thread(target=self._provider.shutdown, daemon=True)
        exporting.start()
        exporting.join(timeout)


def _links(origins: Sequence[object]) -> Sequence[Link]:
    """Links to the sampled requests of a group commit; none where there is only one."""
    requests: list[SpanContext] = []
    for origin in origins:
        if isinstance(origin, OpenTelemetrySpan):
            requests.append(origin.context)
        elif isinstance(origin, Call):
            traces = origin.trace.requests
            requests += [each.own for each in traces if isinstance(each, JoinedTrace) and each.own is not None]
    return [Link(context) for context in requests[:_MAX_LINKS]] if len(requests) > 1 else ()


_NEW_TRACE = TraceFlags(TraceFlags.SAMPLED | TraceFlags.RANDOM_TRACE_ID)
