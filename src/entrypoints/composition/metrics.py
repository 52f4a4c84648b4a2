"""The port for metrics that the settings name for a process."""

from entrypoints.configuration.settings import Settings, metrics_setting
from entrypoints.http.metrics_port import Exposition, MetricsPort


def metrics_port(
    settings: Settings, process: str, exposition: Exposition, *, workers: int = 1
) -> MetricsPort | None:
    """Listen on the port of a process ("api", "ui", "worker"), or None where none is set.

    Each of several workers takes a port of its own, from the one that is set on.
    """
    setting = metrics_setting(process)
    port: int | None = getattr(settings, setting.name)
    if port is None:
        return None
    return MetricsPort(settings.metrics_host, range(port, port + workers), setting.variable, exposition)
