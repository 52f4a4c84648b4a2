"""How many live pages and sockets one user holds, in this process: each takes memory until its browser is gone."""

from typing import Any

from nicegui import Client, core
from starlette.requests import HTTPConnection

from domain.access.user import Actor
from entrypoints.ui.access.sessions import Sessions

MAX_PAGES = 50
MAX_SOCKETS = 2 * MAX_PAGES
"""A browser that connects again opens a socket before the one that it lost is given up."""


def make_room(sessions: Sessions, actor: Actor) -> bool:
    """Whether the user may open one more page; of as many as are allowed, the oldest without a socket goes."""
    pages = [page for page in Client.instances.values() if _name(sessions, page.request) == actor.name]
    if len(pages) < MAX_PAGES:
        return True
    unused = [page for page in pages if not page.has_socket_connection]
    if unused:
        min(unused, key=lambda page: page.created).delete()
    return bool(unused)


def may_open_socket(sessions: Sessions, environ: dict[str, Any]) -> bool:
    """Whether the user whose cookie comes with a new socket may hold one more."""
    name = _name(sessions, _connection(environ))
    return sum(_name(sessions, _connection(each)) == name for each in core.sio.environ.values()) < MAX_SOCKETS


def _connection(environ: dict[str, Any]) -> HTTPConnection:
    return HTTPConnection(environ["asgi.scope"])


def _name(sessions: Sessions, connection: HTTPConnection) -> str | None:
    actor = sessions.actor(connection, active=False)
    return None if actor is None else actor.name
