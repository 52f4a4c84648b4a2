"""What every request must satisfy before a page, a form or NiceGUI sees it: its origin, its body, its page."""

import logging
import re
from collections import Counter
from urllib.parse import parse_qs

from nicegui import core
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, HTTPConnection
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from starlette.websockets import WebSocketClose

from entrypoints.ui.access.login_required import actor_of, owned_page
from entrypoints.ui.access.plain_pages import refused_page
from entrypoints.ui.access.sessions import Sessions, session_key
from entrypoints.ui.http.origins import is_same_origin
from entrypoints.ui.http.request_bodies import (
    FORM,
    MAX_FORM_BYTES,
    UPLOAD,
    LimitedUpload,
    has_body,
    must_be,
    read_body,
)

_SOCKETS = "/_nicegui_ws/"
_UPLOAD = re.compile(r"/_nicegui/client/([^/]+)/upload/\d+")
_SAFE_METHODS = {"GET", "HEAD", "OPTIONS"}
_MAX_SOCKET_BYTES = 1_000_000
"""Of one request that brings events by polling: what NiceGUI's socket takes at most."""
_MAX_UPLOADS = 8
"""At the same time, in this process; one of each user. They are spooled to disk."""
_FROM_ANOTHER_SITE = "The request came from another website. Open this site and try again."

_log = logging.getLogger(__name__)


class RequestGuard:
    """ASGI middleware, behind the one that reads the session cookie.

    - What changes something, and every connection of a live page, comes from a page of our own (`origins.py`).
    - A body is a form of at most 16 KiB, an event of a live page, or a file uploaded to a page by its owner.
    - A socket that was opened in one session is not used in another.
    """

    def __init__(self, app: ASGIApp, *, sessions: Sessions, https_only: bool) -> None:
        self._app = app
        self._sessions = sessions
        self._https_only = https_only
        self._uploading: Counter[str] = Counter()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on, or refuse."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        # NiceGUI would put it before addresses, though any caller can send it
        scope["headers"] = [pair for pair in scope["headers"] if pair[0] != b"x-forwarded-prefix"]
        connection = HTTPConnection(scope)
        try:
            self._check_origin(connection)
            if scope["type"] == "websocket":
                await self._app(scope, receive, send)
            elif upload := _UPLOAD.fullmatch(scope["path"]):
                await self._take_upload(upload[1], connection, receive, send)
            else:
                await self._app(scope, await self._read(connection, receive), send)
        except ClientDisconnect:
            return  # nobody is there to be answered
        except HTTPException as refused:
            answer: WebSocketClose | Response = WebSocketClose()
            if scope["type"] == "http":
                answer = refused_page(refused.status_code, refused.detail)
            await answer(scope, receive, send)

    def _check_origin(self, connection: HTTPConnection) -> None:
        of_live_page = connection.scope["path"].startswith(_SOCKETS)
        if connection.scope.get("method") in _SAFE_METHODS and not of_live_page:
            return
        if not is_same_origin(connection.headers, https_only=self._https_only):
            _log.warning(
                "refused a request from another origin: %r, to the host %r",
                connection.headers.get("origin", "")[:200],
                connection.headers.get("host", "")[:200],
            )
            raise HTTPException(403, _FROM_ANOTHER_SITE)
        if of_live_page and not _opened_in_this_session(connection):
            raise HTTPException(403, "The socket belongs to another session. Load the page again.")

    async def _read(self, connection: HTTPConnection, receive: Receive) -> Receive:
        headers: Headers = connection.headers
        if not has_body(headers):
            return receive
        if connection.scope["path"].startswith(_SOCKETS):
            if session_key(connection) is None:
                raise HTTPException(401, "Authentication required. Log in first.")
            return await read_body(headers, receive, max_bytes=_MAX_SOCKET_BYTES)
        must_be(FORM, headers)
        return await read_body(headers, receive, max_bytes=MAX_FORM_BYTES)

    async def _take_upload(self, page_id: str, connection: HTTPConnection, receive: Receive, send: Send) -> None:
        actor = actor_of(self._sessions, connection)
        if actor is None or owned_page(self._sessions, page_id, connection) is None:
            raise HTTPException(403, "The page belongs to another session. Load the page again.")
        must_be(UPLOAD, connection.headers)
        owner = actor.name
        limited = LimitedUpload(connection.headers, receive)
        if self._uploading[owner] or self._uploading.total() >= _MAX_UPLOADS:
            raise HTTPException(429, "Another upload is in progress. Try again when it has ended.")

        async def send_unless_refused(message: Message) -> None:
            if limited.refused is None:
                await send(message)

        self._uploading[owner] += 1
        try:
            await self._app(connection.scope, limited.receive, send_unless_refused)
        except Exception:
            if limited.refused is None:
                raise
        finally:
            del self._uploading[owner]
        if limited.refused is not None:
            raise limited.refused


def _opened_in_this_session(connection: HTTPConnection) -> bool:
    """Whether the Engine.IO session that is named, if one is, was opened with the same session cookie."""
    named = parse_qs(connection.scope["query_string"].decode("latin-1")).get("sid", [])
    opened = [core.sio.environ[sid]["asgi.scope"] for sid in named if sid in core.sio.environ]
    return all(session_key(HTTPConnection(scope)) == session_key(connection) for scope in opened)
