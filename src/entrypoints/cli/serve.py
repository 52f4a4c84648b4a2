"""`scoring serve`: the API or the web interface in this process, on engines that run already."""

import logging
import socket
from contextlib import nullcontext
from typing import Any

import click
import uvicorn

from entrypoints.cli.main import settings_or_exit
from entrypoints.cli.processes.open_files import raise_open_file_limit
from entrypoints.cli.processes.parent_pipe import parent_pipe_option, wait_for_parent
from entrypoints.cli.processes.workers import WORKER, lean_api_imports, serve_with_workers
from entrypoints.http.tls.certificate_files import CertificateFiles
from entrypoints.http.tls.handshake import TlsProtocols

_DRAIN_SECONDS = 5
_IDLE_SECONDS = 75
"""Longer than load balancers keep idle connections (usually a minute), so that they never use a closing one."""

_SEGMENT_BYTES = 1448
"""The segment size of Ethernet. With the 64 KiB of a loopback connection, a client's kernel queues megabytes of a
request before the server reads, and refuses, its first byte.
"""

_MAX_SOCKET_BYTES = 1_000_000
"""The largest message of a page that NiceGUI's socket accepts; uvicorn would buffer up to 16 MiB."""

_PROTOCOLS = {
    "api": "entrypoints.api.fast_path.decision_protocol:DecisionProtocol",
    "ui": "entrypoints.http.protocol:LimitedHttpProtocol",
}


HTTPS_ONLY = [("strict-transport-security", "max-age=31536000")]
"""A header of every response: browsers use HTTPS only for this host, for a year (HSTS)."""

_log = logging.getLogger(__name__)


def _http(protocol: str, certificate: CertificateFiles | None) -> Any:
    """What uvicorn creates protocols with."""
    return protocol if certificate is None else TlsProtocols(protocol, certificate)


def _listening_socket(config: uvicorn.Config, scheme: str) -> socket.socket:
    listening = socket.socket(socket.AF_INET6 if ":" in config.host else socket.AF_INET)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if hasattr(socket, "TCP_MAXSEG"):
        listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG, _SEGMENT_BYTES)
    try:
        listening.bind((config.host, config.port))
    except OSError as fault:
        raise click.ClickException(
            f"Cannot listen on {config.host}, port {config.port}: {fault.strerror}"
        ) from fault
    _log.info("listening on %s://%s:%d", scheme, config.host, config.port)
    return listening


@click.command("serve")
@click.argument("server", type=click.Choice(["api", "ui"]))
@parent_pipe_option
def command(server: str, parent_pipe: int | None) -> None:
    """Run the API or the web interface. Needs SCORING_DATABASE_URL and SCORING_REDIS_URL."""
    raise_open_file_limit()
    is_api = server == "api"
    with lean_api_imports() if is_api else nullcontext():
        from entrypoints.composition.processes.engines import check_addresses  # noqa: PLC0415 - without those packages
        from entrypoints.composition.processes.servers import api_app, preload, ui_app  # noqa: PLC0415 - without those packages

        if parent_pipe is not None:
            preload(server)
            wait_for_parent(parent_pipe)
        settings = settings_or_exit("database_url", "redis_url", warn=parent_pipe is None, serves=True)
        if parent_pipe is None:  # else the parent has checked them
            check_addresses(settings)
        workers = settings.api_workers if is_api else 1
        app = (api_app if is_api else ui_app)(settings) if workers == 1 else WORKER
    config = uvicorn.Config(
        app,
        factory=workers > 1,
        workers=workers,
        host=settings.host,
        port=settings.api_port if is_api else settings.ui_port,
        loop="uvloop",
        http=_http(_PROTOCOLS[server], settings.tls_files),
        ws="none" if is_api else "auto",
        ws_max_size=_MAX_SOCKET_BYTES,
        lifespan="on",
        log_config=None,  # the service's own logging includes uvicorn's
        access_log=False,
        server_header=False,
        headers=HTTPS_ONLY if settings.https_only else None,
        proxy_headers=not is_api,  # the API resolves the client address itself, where it needs it
        forwarded_allow_ips=list(settings.trusted_proxies),
        limit_concurrency=settings.max_connections,
        timeout_keep_alive=_IDLE_SECONDS,
        timeout_graceful_shutdown=_DRAIN_SECONDS,
    )
    listening = _listening_socket(config, "http" if settings.tls_files is None else "https")
    listening.set_inheritable(workers > 1)
    if workers > 1:
        serve_with_workers(config, listening)
        return
    uvicorn_server = uvicorn.Server(config)
    uvicorn_server.run(sockets=[listening])
    if not uvicorn_server.started:
        raise SystemExit(3)
