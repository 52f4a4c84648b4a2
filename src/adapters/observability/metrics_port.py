"""Metrics on a port of their own, for a process that serves nothing else."""

from collections.abc import Iterator
from contextlib import contextmanager

from prometheus_client import CollectorRegistry, start_http_server

from application.operators_fault import OperatorsFault


class MetricsPortTaken(OperatorsFault):
    """Metrics cannot be told on this port."""


@contextmanager
def metrics_port(registry: CollectorRegistry, host: str, port: int) -> Iterator[None]:
    """Answer whoever asks there, from threads of their own; raises MetricsPortTaken."""
    try:
        server, thread = start_http_server(port, addr=host, registry=registry)
    except OSError as fault:
        raise MetricsPortTaken(
            f"port {port} on {host} cannot be used for the worker's metrics ({fault.strerror}); "
            "set SCORING_WORKER_METRICS_PORT to another"
        ) from fault
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
