"""`scoring health`: whether a server or worker on this machine responds, for the health checks of containers."""

import http.client
import ssl

import click

from entrypoints.cli.main import settings_or_exit
from entrypoints.configuration.settings import Settings

_TIMEOUT_SECONDS = 4.0
_ANY_ADDRESS = {"0.0.0.0": "127.0.0.1", "::": "::1", "": "127.0.0.1"}  # noqa: S104 - a server listens there, we connect


@click.command("health")
@click.argument("process", type=click.Choice(["api", "ui", "worker"]))
def command(process: str) -> None:
    """Check that the API is ready, or that the web interface or the worker responds.

    Exits with 0 if so, and with 1 and the reason if not. The worker is checked on its metrics port.
    """
    settings = settings_or_exit(warn=False)
    host, port, path = _address(process, settings)
    encrypted = process != "worker" and settings.tls_files is not None
    connection = (
        _encrypted(host, port) if encrypted else http.client.HTTPConnection(host, port, timeout=_TIMEOUT_SECONDS)
    )
    try:
        connection.request("GET", path)
        status = connection.getresponse().status
    except (OSError, http.client.HTTPException) as fault:
        raise click.ClickException(f"{host}:{port} does not respond ({type(fault).__name__}: {fault})") from fault
    finally:
        connection.close()
    if status != 200:
        raise click.ClickException(f"{path} on {host}:{port} answered with status {status}")


def _encrypted(host: str, port: int) -> http.client.HTTPConnection:
    """A connection that accepts any certificate: that of a server is for the name that clients use."""
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return http.client.HTTPSConnection(host, port, timeout=_TIMEOUT_SECONDS, context=context)


def _address(process: str, settings: Settings) -> tuple[str, int, str]:
    """The host, port and path of a process's health check."""
    if process == "worker":
        if settings.worker_metrics_port is None:
            raise click.ClickException(
                "set SCORING_WORKER_METRICS_PORT: the worker is checked on its metrics port"
            )
        host, port, path = settings.metrics_host, settings.worker_metrics_port, "/metrics"
    elif process == "ui":
        host, port, path = settings.host, settings.ui_port, "/health/live"
    else:
        host, port, path = settings.host, settings.api_port, "/health/ready"
    return _ANY_ADDRESS.get(host, host), port, path
