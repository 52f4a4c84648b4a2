"""Restricts each live page's socket to the page and the session that it was opened for."""

import asyncio
import contextlib
import inspect
import logging
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs

from nicegui import Client, background_tasks, core
from socketio.exceptions import ConnectionRefusedError as SocketRefused
from starlette.requests import HTTPConnection

from entrypoints.ui.access.login_required import actor_of, owned_page
from entrypoints.ui.access.sessions import Sessions, log_in_address
from entrypoints.ui.http.page_limits import may_open_socket

Handler = Callable[..., Any]
AroundEvent = Callable[[str], contextlib.AbstractContextManager[None]]
"""Takes the template of a page's path; entered around the start of what an event of the page causes."""

RELOAD = "Implicit handshake failed"
"""On this error NiceGUI's browser script reloads the page, which then redirects to log in."""
_BINARY = ("5", "6")
"""Socket.IO packet types with binary attachments. Pages never send them, and the server would buffer them."""
_SECONDS_BETWEEN_CHECKS = 5.0

_log = logging.getLogger(__name__)


def no_observation(_: str) -> contextlib.AbstractContextManager[None]:
    """Return a context that does nothing."""
    return contextlib.nullcontext()


def guard_sockets(sessions: Sessions, around_event: AroundEvent = no_observation) -> None:
    """Wrap NiceGUI's socket event handlers with checks; call once per process.

    `connect` and `handshake` need the session that opened the page. Every other event must name the page that its
    socket is connected to. `log` is removed: a browser must not write to the service's log. The number of sockets
    per user is limited, and an invalid packet closes its socket.
    """
    core.sio.eio.on("connect", _within_limit(sessions, core.sio.eio.handlers["connect"]))
    core.sio.eio.on("message", _valid_packets(core.sio.eio.handlers["message"]))
    for library in ("engineio.server", "socketio.server"):
        logging.getLogger(library).handlers.clear()  # they would write to standard error, past the service's log
    core.sio.eio.cors_allowed_origins = []  # no other origins; RequestGuard has checked them
    handlers: dict[str, Handler] = core.sio.handlers["/"]
    del handlers["log"]
    for event in set(handlers) - {"connect", "disconnect", "handshake"}:
        around = around_event if event == "event" else no_observation
        core.sio.on(event, _from_own_socket(sessions, handlers[event], around))
    core.sio.on("handshake", _from_own_session(sessions, handlers["handshake"]))
    core.sio.on("connect", _opened_by_owner(sessions, handlers["connect"]))
    core.app.on_startup(
        lambda: background_tasks.create(_close_ended_pages_forever(sessions), name="ended sessions")
    )


def _within_limit(sessions: Sessions, handler: Handler) -> Handler:
    async def connect(connection_id: str, environ: dict[str, Any]) -> Any:
        if not may_open_socket(sessions, environ):
            return False
        return await _call(handler, connection_id, environ)

    return connect


def _valid_packets(handler: Handler) -> Handler:
    async def message(connection_id: str, packet: object) -> None:
        if connection_id not in core.sio.environ:  # already closing
            return
        if not isinstance(packet, str) or packet.startswith(_BINARY):
            await _drop(connection_id)
            return
        try:
            await _call(handler, connection_id, packet)
        except Exception as error:
            _log.warning("closed a socket after an invalid packet", exc_info=error)
            await _drop(connection_id)

    return message


def _opened_by_owner(sessions: Sessions, handler: Handler) -> Handler:
    async def connect(sid: str, environ: dict[str, Any], _: object = None) -> None:
        (page_id,) = parse_qs(environ.get("QUERY_STRING", "")).get("client_id", [""])[:1]
        if owned_page(sessions, page_id, HTTPConnection(environ["asgi.scope"])) is None:
            raise SocketRefused(RELOAD)
        await _call(handler, sid, environ)

    return connect


def _from_own_session(sessions: Sessions, handler: Handler) -> Handler:
    async def handshake(sid: str, message: object) -> bool:
        connection = HTTPConnection(core.sio.get_environ(sid)["asgi.scope"])
        if owned_page(sessions, _page_id(message), connection) is None:
            return False
        return bool(await _call(handler, sid, message))

    return handshake


def _from_own_socket(sessions: Sessions, handler: Handler, around: AroundEvent) -> Handler:
    async def handle(sid: str, message: object) -> Any:
        page_id = _page_id(message)
        page = Client.instances.get(page_id)
        if page is None or page_id not in core.sio.rooms(sid):  # NiceGUI's handshake joins the room
            return None
        if actor_of(sessions, page.request) is None:
            await _close(page)
            return None
        try:
            with around(page.page.path):
                return await _call(handler, sid, message)
        except Exception as error:  # in the message: NiceGUI handles errors in page code
            _log.warning("closed a socket after an invalid event", exc_info=error)
            await _drop(core.sio.manager.eio_sid_from_sid(sid, "/"))
            return None

    return handle


def _page_id(message: object) -> str:
    return str(message.get("client_id", "")) if isinstance(message, dict) else ""


async def _call(handler: Handler, *arguments: object) -> Any:
    result = handler(*arguments)
    return await result if inspect.isawaitable(result) else result


async def close_ended_pages(sessions: Sessions) -> None:
    """Redirect the pages of ended sessions to log in, and disconnect their sockets."""
    for page in list(Client.instances.values()):
        if page.has_socket_connection and actor_of(sessions, page.request) is None:
            await _close(page)


async def _close(page: Client) -> None:
    address = log_in_address(page.request)
    for sid, connection_id in list(core.sio.manager.get_participants("/", page.id)):
        await core.sio.emit("open", {"path": address, "new_tab": False}, to=sid)
        await core.sio.disconnect(sid)
        background_tasks.create(_close_connection(connection_id), name="close connection")


async def _close_connection(connection_id: str) -> None:
    """Close a socket's connection after pending data is sent, or after a timeout."""
    connection = core.sio.eio.sockets.get(connection_id)
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(_SECONDS_BETWEEN_CHECKS):
            await core.sio.eio.disconnect(connection_id)
    if connection is not None:  # browsers have closed it by now; other clients may not have
        await connection.queue.put(None)


async def _drop(connection_id: str) -> None:
    """Close a connection immediately and ignore what it still sends."""
    connection = core.sio.eio.sockets.pop(connection_id, None)
    if connection is not None:
        await connection.close(wait=False)
        await connection.queue.put(None)  # ends the WebSocket writer, which closes it


async def _close_ended_pages_forever(sessions: Sessions) -> None:
    while True:
        await asyncio.sleep(_SECONDS_BETWEEN_CHECKS)
        try:
            await close_ended_pages(sessions)
        except Exception:
            _log.exception("failed to close sockets of ended sessions; retrying")
