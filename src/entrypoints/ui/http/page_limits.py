"""Limits on live pages and sockets per user and process: each uses memory until its browser disconnects."""

from typing import Any

from nicegui import Client, core
from starlette.requests import HTTPConnection

from domain.access.user import Actor
from entrypoints.ui.access.sessions import Sessions

MAX_PAGES = 50
MAX_SOCKETS = 2 * MAX_PAGES
"""A reconnecting browser opens a new socket before its old one is closed."""


def make_room_for_page(sessions: Sessions, actor: Actor) -> bool:
    """Whether the user may open another page. At the limit, the oldest page without a socket is deleted."""
    pages = [page for page in Client.instances.values() if _name(sessions, page.request) == actor.name]
    if len(pages) < MAX_PAGES:
        return True
    unused = [page for page in pages if not page.has_socket_connection]
    if unused:
        min(unused, key=lambda page: page.created).delete()
    return bool(unused)


def may_open_socket(sessions: Sessions, environ: dict[str, Any]) -> bool:
    """Whether the user may open another socket."""
    name = _name(sessions, _connection(environ))
    return sum(_name(sessions, _connection(each)) == name for each in core.sio.environ.values()) < MAX_SOCKETS


def _connection(environ: dict[str, Any]) -> HTTPConnection:
    return HTTPConnection(environ["asgi.scope"])


def _name(sessions: Sessions, connection: HTTPConnection) -> str | None:
    actor = sessions.actor(connection, active=False)
    return None if actor is None else actor.name
