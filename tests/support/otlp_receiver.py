"""A real OTLP receiver (oteltap) that collects the spans of processes, and the bytes that they exported."""

import asyncio
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from oteltap import OtelTapHttpProtobufReceiver, OtelTapHttpProtobufReceiverSettings

from harness.polling import eventually
from harness.running_service import free_ports
from support.observing import Receiver


class Spans:
    """The spans received so far."""

    def __init__(self, endpoint: str, recorder: Receiver) -> None:
        self.endpoint = endpoint
        self.received: list[Any] = []
        self._recorder = recorder

    def of_trace(self, trace_id: str) -> list[Any]:
        """The spans of a trace, in the order of their start."""
        found = [span for span in self.received if span.trace_id.hex() == trace_id]
        return sorted(found, key=lambda span: span.start_time_unix_nano)

    def wait_for(self, trace_id: str, *names: str) -> dict[str, Any]:
        """The spans of a trace by name, once all of these have arrived."""
        self.wait_until(lambda _: {*names} <= {span.name for span in self.of_trace(trace_id)})
        return {span.name: span for span in self.of_trace(trace_id)}

    def wait_until(self, condition: Callable[[Sequence[Any]], bool]) -> None:
        """Wait until the spans received so far meet the condition."""
        try:
            eventually(lambda: condition(self.received))
        except AssertionError:
            names = sorted({span.name for span in self.received})
            raise AssertionError(f"not among the spans received: {names}") from None

    @property
    def exported(self) -> bytes:
        """All bytes that the receiver passed on."""
        return b"".join(body for _, _, body in self._recorder.posts)

    @property
    def resources(self) -> list[dict[str, str]]:
        """The attributes of the processes that exported spans."""
        return [
            {pair.key: pair.value.string_value for pair in exported.resource.attributes}
            for _, _, body in self._recorder.posts
            for exported in ExportTraceServiceRequest.FromString(body).resource_spans
        ]


def attributes(span: Any) -> dict[str, str | int]:
    """The attributes of a span."""
    values = {pair.key: pair.value for pair in span.attributes}
    return {key: getattr(value, value.WhichOneof("value")) for key, value in values.items()}


@contextmanager
def otlp_receiver(port: int | None = None) -> Iterator[Spans]:
    """Receive spans at `endpoint` in a thread, on this port or a free one."""
    port = port or free_ports(1)[0]
    recorder = Receiver()
    spans = Spans(f"http://127.0.0.1:{port}", recorder)
    ready, stopping, loop = threading.Event(), asyncio.Event(), asyncio.new_event_loop()
    settings = OtelTapHttpProtobufReceiverSettings(
        http_port=port, reemit_traces_to_url=f"http://{recorder.address}/v1/traces"
    )

    async def collect(receiver: OtelTapHttpProtobufReceiver) -> None:
        async for span in receiver.stream_traces():
            spans.received.append(span)

    async def receive() -> None:
        async with OtelTapHttpProtobufReceiver(settings) as receiver:
            collecting = asyncio.create_task(collect(receiver))
            await asyncio.sleep(0)
            ready.set()
            await stopping.wait()
        await collecting

    thread = threading.Thread(target=loop.run_until_complete, args=(receive(),))
    thread.start()
    try:
        assert ready.wait(10), "the OTLP receiver did not start"
        yield spans
    finally:
        loop.call_soon_threadsafe(stopping.set)
        thread.join()
        loop.close()
        recorder.close()
