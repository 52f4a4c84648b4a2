"""The metrics port of one process."""

from entrypoints.configuration.settings import Settings, metrics_setting
from entrypoints.http.metrics_port import Exposition, MetricsPort


def metrics_port(
    settings: Settings, process: str, exposition: Exposition, *, workers: int = 1
) -> MetricsPort | None:
    """Bind the metrics port of a process ("api", "ui", "worker"); None where no port is configured.

    Each of several workers uses the first free port from the configured one on.
    """
    setting = metrics_setting(process)
    port: int | None = getattr(settings, setting.name)
    if port is None:
        return None
    return MetricsPort(settings.metrics_host, range(port, port + workers), setting.variable, exposition)
