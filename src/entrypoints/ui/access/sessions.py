"""Who is logged in: the browser's signed cookie holds the secret key to a session that is kept on the server.

The key is made at each log in, so that nobody can be led into a session whose cookie somebody else has seen before
(session fixation). What somebody may do is read from the users on record at every request, never from the session.
"""

from dataclasses import dataclass
from urllib.parse import urlencode, urlsplit

from starlette.requests import HTTPConnection, Request

from application.use_cases.access.web_sessions import ManageWebSessions
from domain.access.account import Account
from domain.access.user import Actor, Permission

FRONT_DOOR = "/"
"""Where every bookmark leads: the form of a new application, for those who may assess one."""
ACCOUNT = "/account"
"""The page to change one's own password, with or without being logged in."""
NAME = "name"
"""Where the cookie says who has to change the password before logging in."""
_KEY = "key"


class LoggedOut(Exception):
    """The session has expired, or was ended in another tab."""


@dataclass(frozen=True, slots=True)
class Sessions:
    """Begins, finds and ends the sessions of browsers."""

    web_sessions: ManageWebSessions

    async def begin(self, request: Request, account: Account) -> None:
        """Log somebody in, in place of whoever was; raises PasswordChangeRequired."""
        address = request.client.host if request.client else ""
        key = await self.web_sessions.begin(account, address=address)
        await self.end(request)
        request.session.pop(NAME, None)
        request.session[_KEY] = key

    def actor(self, connection: HTTPConnection, *, active: bool = True) -> Actor | None:
        """Who sent the request, or opened the socket, if somebody is logged in there and the session is valid.

        What a page asks by itself, without its user, is not `active`: it does not keep the session from expiring.
        """
        key = session_key(connection)
        account = self.web_sessions.account(key, active=active) if key else None
        return None if account is None else account.actor

    async def end(self, request: Request) -> None:
        """Log out, in every tab of the browser, on every replica, and for every copy of the cookie."""
        key = session_key(request)
        if key:
            await self.web_sessions.end(key)
            request.session.pop(_KEY, None)


def session_key(connection: HTTPConnection) -> str | None:
    """The secret key to the session, from the signed cookie; there is none before log-in."""
    key = connection.session.get(_KEY)
    return key if isinstance(key, str) else None


def local_path(target: str | None) -> str | None:
    """The target if it is a page of this interface, else None: nobody is sent to another site after log in."""
    if not target or not target.isprintable() or "\\" in target:
        return None
    if not target.startswith("/") or target.startswith(("//", "/login", "/logout", "/_nicegui")):
        return None
    parts = urlsplit(target)
    return target if not parts.scheme and not parts.netloc else None


def first_page(actor: Actor) -> str:
    """Where somebody starts who was not going anywhere."""
    if actor.may(Permission.ASSESS_APPLICATIONS):
        return FRONT_DOOR
    return "/decisions" if actor.may(Permission.READ_DECISIONS) else ACCOUNT


def log_in_address(request: Request) -> str:
    """The page to log in, which then leads back to where the request was going."""
    path, query = (
        request.scope["path"],
        request.scope["query_string"].decode("latin-1"),
    )  # request.url follows the Host header
    going = f"{path}?{query}" if query else path
    return "/login" if going == "/" else f"/login?{urlencode({'next': going})}"
