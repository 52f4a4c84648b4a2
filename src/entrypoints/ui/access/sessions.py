"""Sessions: the browser's signed cookie holds the secret key of a session that is stored on the server.

Each login creates a new key, which prevents session fixation. Permissions are read from the user directory at
every request, never from the session.
"""

from dataclasses import dataclass
from urllib.parse import urlencode, urlsplit

from starlette.requests import HTTPConnection, Request

from application.use_cases.access.web_sessions import ManageWebSessions
from domain.access.account import Account
from domain.access.user import Actor, Permission
from domain.access.web_session import WebSession

HOME = "/"
"""The new application form, for users who may assess applications."""
ACCOUNT = "/account"
"""The page to change a password, with or without a session."""
PENDING_USERNAME = "name"
"""The cookie entry with the user who must change the password before logging in."""
_KEY = "key"


class LoggedOut(Exception):
    """The session has expired, or was ended in another tab or by an administrator."""


@dataclass(frozen=True, slots=True)
class Sessions:
    """Starts, finds and ends browser sessions."""

    web_sessions: ManageWebSessions

    async def begin(self, request: Request, account: Account) -> None:
        """Log the user in and end the browser's previous session; raises PasswordChangeRequired."""
        address = request.client.host if request.client else ""
        key = await self.web_sessions.begin(account, address=address)
        await self.end(request)
        request.session.pop(PENDING_USERNAME, None)
        request.session[_KEY] = key

    def actor(self, connection: HTTPConnection, *, active: bool = True) -> Actor | None:
        """The logged-in user of a request or socket; None without a valid session.

        Requests that a page sends by itself pass `active=False`, so that they do not extend the session.
        """
        key = session_key(connection)
        account = self.web_sessions.account(key, active=active) if key else None
        return None if account is None else account.actor

    def session(self, connection: HTTPConnection) -> WebSession | None:
        """The session of a request or a live page, if this process knows it."""
        key = session_key(connection)
        return self.web_sessions.find(key) if key else None

    async def end(self, request: Request) -> None:
        """End the session in every tab, on every replica, and for every copy of the cookie."""
        key = session_key(request)
        if key:
            await self.web_sessions.end(key)
            request.session.pop(_KEY, None)


def session_key(connection: HTTPConnection) -> str | None:
    """The session key from the signed cookie; None before login."""
    key = connection.session.get(_KEY)
    return key if isinstance(key, str) else None


def local_path(target: str | None) -> str | None:
    """The target if it is a page of this interface, else None, which prevents redirects to other sites."""
    if not target or not target.isprintable() or "\\" in target:
        return None
    if not target.startswith("/") or target.startswith(("//", "/login", "/logout", "/_nicegui")):
        return None
    parts = urlsplit(target)
    return target if not parts.scheme and not parts.netloc else None


def first_page(actor: Actor) -> str:
    """The user's first page after login."""
    if actor.may(Permission.ASSESS_APPLICATIONS):
        return HOME
    if actor.may(Permission.READ_DECISIONS):
        return "/decisions"
    return "/users" if actor.may(Permission.MANAGE_USERS) else ACCOUNT


def log_in_address(request: Request) -> str:
    """The login page, with the requested page as target."""
    path, query = (
        request.scope["path"],
        request.scope["query_string"].decode("latin-1"),
    )  # request.url follows the Host header
    target = f"{path}?{query}" if query else path
    return "/login" if target == "/" else f"/login?{urlencode({'next': target})}"
