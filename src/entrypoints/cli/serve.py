"""`scoring serve`: one face in this process, on engines that run already."""

import socket

import click
import uvicorn

from entrypoints.cli.main import settings_or_exit
from entrypoints.cli.processes.lean_start import lean_start
from entrypoints.cli.processes.open_files import allow_many_connections
from entrypoints.cli.processes.parent_pipe import hear_from_parent, parent_pipe_option
from entrypoints.cli.processes.workers import WORKER, serve_together

_DRAIN_SECONDS = 5
_IDLE_SECONDS = 75
"""Longer than balancers keep a connection that rests, mostly a minute: else they send on one that just closes."""

_SEGMENT_BYTES = 1448
"""As on an Ethernet. With the segments of a loopback connection, 64 KiB, a client's kernel queues megabytes of a
request before its first byte is read, and refused.
"""

_MAX_SOCKET_BYTES = 1_000_000
"""Of one message from a live page: what NiceGUI's socket takes at most. uvicorn would collect 16 MiB first."""

_PROTOCOLS = {
    "api": "entrypoints.api.fast_path.decision_protocol:DecisionProtocol",
    "ui": "entrypoints.http.protocol:LimitedHttpProtocol",
}


@click.command("serve")
@click.argument("face", type=click.Choice(["api", "ui"]))
@parent_pipe_option
def command(face: str, parent_pipe: int | None) -> None:
    """Run the API or the web interface. Needs SCORING_DATABASE_URL and SCORING_REDIS_URL."""
    allow_many_connections()
    with lean_start(face):
        from entrypoints.composition.faces import api_app, make_ready, ui_app  # noqa: PLC0415 - imported lean

        if parent_pipe is not None:
            make_ready(face)
            hear_from_parent(parent_pipe)
        settings = settings_or_exit("database_url", "redis_url")
        workers = settings.api_workers if face == "api" else 1
        made = (api_app if face == "api" else ui_app)(settings) if workers == 1 else WORKER
    config = uvicorn.Config(
        made,
        factory=workers > 1,
        workers=workers,
        host=settings.host,
        port=settings.api_port if face == "api" else settings.ui_port,
        loop="uvloop",
        http=_PROTOCOLS[face],
        ws="none" if face == "api" else "auto",
        ws_max_size=_MAX_SOCKET_BYTES,
        lifespan="on",
        log_config=None,  # the service's own logging takes uvicorn's along
        access_log=False,
        server_header=False,
        proxy_headers=face == "ui",  # the API looks for itself, where it asks where a request came from
        forwarded_allow_ips=list(settings.trusted_proxies),
        limit_concurrency=settings.max_connections,
        timeout_keep_alive=_IDLE_SECONDS,
        timeout_graceful_shutdown=_DRAIN_SECONDS,
    )
    listening = config.bind_socket()
    if hasattr(socket, "TCP_MAXSEG"):
        listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG, _SEGMENT_BYTES)
    listening.set_inheritable(workers > 1)
    if workers > 1:
        serve_together(config, listening)
        return
    server = uvicorn.Server(config)
    server.run(sockets=[listening])
    if not server.started:
        raise SystemExit(3)
