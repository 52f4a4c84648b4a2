"""Checks every request before a page or NiceGUI handles it: its origin, its body and its session."""

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
from entrypoints.ui.access.plain_pages import rejected_page
from entrypoints.ui.access.sessions import Sessions, session_key
from entrypoints.ui.http.origins import is_same_origin
from entrypoints.ui.http.request_bodies import (
    FORM,
    MAX_FORM_BYTES,
    UPLOAD,
    LimitedUpload,
    has_body,
    read_body,
    require_media_type,
)
from entrypoints.ui.http.security_headers import APPLICANT

_SOCKETS = "/_nicegui_ws/"
_UPLOAD = re.compile(r"/_nicegui/client/([^/]+)/upload/\d+")
_SAFE_METHODS = {"GET", "HEAD", "OPTIONS"}
_MAX_SOCKET_BYTES = 1_000_000
"""The limit of NiceGUI's socket for one polling request."""
_MAX_UPLOADS = 8
"""Concurrent uploads in this process, at most one per user. They are spooled to disk."""
_CROSS_SITE = "The request came from another website. Open this site and try again."

_log = logging.getLogger(__name__)


class RequestGuard:
    """ASGI middleware inside the one that reads the session cookie.

    - Requests that change state, and connections of live pages, must be same-origin (`origins.py`).
    - A body must be a form of at most 16 KiB, an event of a live page, or a file uploaded to a page by its owner.
    - A socket must be used in the session that opened it.
    """

    def __init__(self, app: ASGIApp, *, sessions: Sessions, https_only: bool, root_path: str = "") -> None:
        self._app = app
        self._sessions = sessions
        self._https_only = https_only
        self._prefix = [(b"x-forwarded-prefix", root_path.encode())] if root_path else []
        self._uploading: Counter[str] = Counter()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or reject it."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        # NiceGUI prefixes addresses with it, but any client can send it
        scope["headers"] = [pair for pair in scope["headers"] if pair[0] != b"x-forwarded-prefix"] + self._prefix
        connection = HTTPConnection(scope)
        try:
            self._check_origin(connection)
            if scope["type"] == "websocket":
                await self._app(scope, receive, send)
            elif match := _UPLOAD.fullmatch(scope["path"]):
                await self._receive_upload(match[1], connection, receive, send)
            else:
                await self._app(scope, await self._read(connection, receive), send)
        except ClientDisconnect:
            return  # no client to respond to
        except HTTPException as rejection:
            answer: WebSocketClose | Response = WebSocketClose()
            if scope["type"] == "http":
                answer = rejected_page(rejection.status_code, rejection.detail)
            await answer(scope, receive, send)

    def _check_origin(self, connection: HTTPConnection) -> None:
        is_socket = connection.scope["path"].startswith(_SOCKETS)
        if connection.scope.get("method") in _SAFE_METHODS and not is_socket:
            return
        # A page without a referrer sends `Origin: null`. The applicant's page uses no cookie, only its address.
        null_allowed = connection.scope["path"].startswith(APPLICANT)
        if not is_same_origin(connection.headers, https_only=self._https_only, null_allowed=null_allowed):
            _log.warning(
                "rejected a cross-origin request: origin %r, host %r",
                connection.headers.get("origin", "")[:200],
                connection.headers.get("host", "")[:200],
            )
            raise HTTPException(403, _CROSS_SITE)
        if is_socket and not _opened_in_this_session(connection):
            raise HTTPException(403, "The socket belongs to another session. Reload the page.")

    async def _read(self, connection: HTTPConnection, receive: Receive) -> Receive:
        headers: Headers = connection.headers
        if not has_body(headers):
            return receive
        if connection.scope["path"].startswith(_SOCKETS):
            if session_key(connection) is None:
                raise HTTPException(401, "Authentication required. Log in first.")
            return await read_body(headers, receive, max_bytes=_MAX_SOCKET_BYTES)
        require_media_type(FORM, headers)
        return await read_body(headers, receive, max_bytes=MAX_FORM_BYTES)

    async def _receive_upload(
        self, page_id: str, connection: HTTPConnection, receive: Receive, send: Send
    ) -> None:
        actor = actor_of(self._sessions, connection)
        if actor is None or owned_page(self._sessions, page_id, connection) is None:
            raise HTTPException(403, "The page belongs to another session. Reload the page.")
        require_media_type(UPLOAD, connection.headers)
        owner = actor.name
        upload = LimitedUpload(connection.headers, receive)
        if self._uploading[owner] or self._uploading.total() >= _MAX_UPLOADS:
            raise HTTPException(429, "Another upload is in progress. Try again when it finishes.")

        async def send_unless_rejected(message: Message) -> None:
            if upload.rejection is None:
                await send(message)

        self._uploading[owner] += 1
        try:
            await self._app(connection.scope, upload.receive, send_unless_rejected)
        except Exception:
            if upload.rejection is None:
                raise
        finally:
            del self._uploading[owner]
        if upload.rejection is not None:
            raise upload.rejection


def _opened_in_this_session(connection: HTTPConnection) -> bool:
    """Whether the Engine.IO session named in the query, if any, was opened with the same session cookie."""
    sids = parse_qs(connection.scope["query_string"].decode("latin-1")).get("sid", [])
    opened = [core.sio.environ[sid]["asgi.scope"] for sid in sids if sid in core.sio.environ]
    return all(session_key(HTTPConnection(scope)) == session_key(connection) for scope in opened)
