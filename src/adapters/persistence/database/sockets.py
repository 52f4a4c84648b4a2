"""Options of a connection's socket, so that a server that is silently gone is noticed soon."""

import socket
from collections.abc import Mapping
from typing import Any

_OPTIONS = {  # not on every system
    "keepalives_idle": ("TCP_KEEPIDLE", "TCP_KEEPALIVE"),
    "keepalives_interval": ("TCP_KEEPINTVL",),
    "keepalives_count": ("TCP_KEEPCNT",),
    "tcp_user_timeout": ("TCP_USER_TIMEOUT",),
}


def set_socket_options(connection: Any, options: Mapping[str, int]) -> None:
    """Set libpq's parameters of these names on an asyncpg connection over TCP; 0 leaves the system's default."""
    used: socket.socket | None = connection._transport.get_extra_info("socket")
    if used is None or used.family not in {socket.AF_INET, socket.AF_INET6}:
        return
    if options["keepalives"]:
        used.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for name, constants in _OPTIONS.items():
        number = next((getattr(socket, constant) for constant in constants if hasattr(socket, constant)), None)
        if number is not None and options[name] > 0 and (options["keepalives"] or name == "tcp_user_timeout"):
            used.setsockopt(socket.IPPROTO_TCP, number, options[name])
