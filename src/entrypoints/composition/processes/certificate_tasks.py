"""The TLS certificate of a server as a periodic task: it follows its files, and its expiry is a metric."""

from entrypoints.composition.container import Container
from entrypoints.http.tls.server_certificate import server_certificate
from entrypoints.periodic_tasks.periodic_tasks import PeriodicTask, PeriodicTasks

REFRESH_SECONDS = 2.0


def certificate_tasks(container: Container, process: str) -> list[PeriodicTasks]:
    """One task where a certificate is configured, otherwise none."""
    files = container.settings().tls_files
    if files is None:
        return []
    certificate = server_certificate(files)
    metrics = container.observability().metrics.process

    async def refresh() -> None:
        await certificate.refresh()
        metrics.set_certificate_expiry(process, certificate.expires.timestamp())

    return [PeriodicTasks([PeriodicTask("refreshing the TLS certificate", refresh)], interval=REFRESH_SECONDS)]
