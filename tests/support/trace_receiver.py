"""A receiver of traces as a process of its own, with metrics as a collector has.

Run: python -m support.trace_receiver PORT METRICS_PORT
"""

import sys
import time

from prometheus_client import CollectorRegistry, start_http_server
from prometheus_client.core import CounterMetricFamily

from support.otlp_receiver import Spans, otlp_receiver

ACCEPTED = "otelcol_receiver_accepted_spans"


class _Accepted:
    def __init__(self, spans: Spans) -> None:
        self._spans = spans

    def collect(self) -> list[CounterMetricFamily]:
        """The number of spans received, named as the OpenTelemetry collector does."""
        return [CounterMetricFamily(ACCEPTED, "Spans received.", len(self._spans.received))]


def main(port: int, metrics_port: int) -> None:
    """Receive spans until the process ends."""
    with otlp_receiver(port) as spans:
        registry = CollectorRegistry()
        registry.register(_Accepted(spans))
        start_http_server(metrics_port, "127.0.0.1", registry)
        while True:
            time.sleep(1)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
