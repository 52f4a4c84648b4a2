"""Spans sent to an OpenTelemetry collector (OTLP over HTTP). Imported only when there is one."""

import threading

from opentelemetry import context
from opentelemetry.context import Context
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.sdk.trace.sampling import ParentBasedTraceIdRatio
from opentelemetry.trace import Span, SpanKind, Status, StatusCode, set_span_in_context
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from adapters.observability.tracing.spans import Attributes, Headers, OpenSpan, Tracer

_PATH = "/v1/traces"
_SENDING_SECONDS = 2
_PROPAGATED = (b"traceparent", b"tracestate")


class OpenTelemetrySpan(OpenSpan):
    """A span, current in this task until it ends."""

    __slots__ = ("_span", "_token")

    def __init__(self, span: Span) -> None:
        self._span = span
        self._token = context.attach(set_span_in_context(span))

    @property
    def trace_id(self) -> str:
        """The trace's identifier, also of a trace that is not sampled."""
        return f"{self._span.get_span_context().trace_id:032x}"

    def end(
        self, attributes: Attributes | None = None, *, name: str | None = None, error: str | None = None
    ) -> None:
        """End the span; what went wrong is named by its type alone, as messages may quote what was sent."""
        context.detach(self._token)
        if self._span.is_recording():
            if name is not None:
                self._span.update_name(name)
            if attributes:
                self._span.set_attributes(attributes)
            if error is not None:
                self._span.set_attribute("error.type", error)
                self._span.set_status(Status(StatusCode.ERROR))
        self._span.end()


class OpenTelemetryTracer(Tracer):
    """Samples a share of the traces that start here; the caller's sampling decision is followed.

    Sends in the background, at most two seconds a try; what the collector does not take is dropped.
    """

    def __init__(self, *, service: str, version: str, endpoint: str, sample_rate: float) -> None:
        base = endpoint.rstrip("/")
        url = base if base.endswith(_PATH) else base + _PATH
        self._provider = TracerProvider(
            sampler=ParentBasedTraceIdRatio(sample_rate),
            resource=Resource.create({"service.name": service, "service.version": version}),
            shutdown_on_exit=False,
        )
        exporter = OTLPSpanExporter(endpoint=url, timeout=_SENDING_SECONDS)
        self._provider.add_span_processor(BatchSpanProcessor(exporter, schedule_delay_millis=1000))
        self._tracer = self._provider.get_tracer(service, version)
        self._propagator = TraceContextTextMapPropagator()

    def begin(self, name: str) -> OpenSpan:
        """A child of what is under way in this task."""
        return OpenTelemetrySpan(self._tracer.start_span(name))

    def begin_request(self, name: str, headers: Headers) -> OpenSpan:
        """A child of the caller's span, else the first of its trace."""
        carrier = {key.decode(): value.decode("latin-1") for key, value in headers if key in _PROPAGATED}
        parent = self._propagator.extract(carrier, Context()) if carrier else Context()
        return OpenTelemetrySpan(self._tracer.start_span(name, parent, SpanKind.SERVER))

    def close(self, patience: float) -> None:
        """Send what is left; a collector that does not answer is left behind."""
        sending = threading.Thread(target=self._provider.shutdown, daemon=True)
        sending.start()
        sending.join(patience)
