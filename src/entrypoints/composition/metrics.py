"""The port for metrics that the settings want for a process."""

from collections.abc import Callable

from adapters.observability.metrics.worker_metrics import Exposition as Text
from entrypoints.configuration.settings import Settings, metrics_setting
from entrypoints.http.metrics_port import Exposition, MetricsPort


def metrics_port(
    settings: Settings, process: str, exposition: Exposition, *, shared: bool = False
) -> MetricsPort | None:
    """Bind the port of a process ("api", "ui", "worker"); None where the settings want none."""
    setting = metrics_setting(process)
    port: int | None = getattr(settings, setting.name)
    if port is None:
        return None
    return MetricsPort(settings.metrics_host, port, setting.variable, exposition, shared=shared)


def of_one_process(exposition: Callable[[], Text]) -> Exposition:
    """The metrics of one process that speaks for itself alone."""

    async def asked() -> Text:
        return exposition()

    return asked
