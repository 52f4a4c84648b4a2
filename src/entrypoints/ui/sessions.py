"""Who is logged in: a session on the server, and in the browser's signed cookie the key to it.

The key is made at each log in and travels in the cookie alone, so that nobody can be led into a session whose
cookie somebody else has seen before (session fixation).
"""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlencode, urlsplit

from nicegui import app
from nicegui.persistence import RedisPersistentDict
from starlette.requests import Request

from application.ports.clock import Clock
from domain.access.user import Actor, Permission, Role

LIFETIME = timedelta(hours=8)
"""A working day: then one logs in again."""
FRONT_DOOR = "/"
"""Where every bookmark leads: the form of a new application, for those who may assess one."""
ACCOUNT = "/account"
"""Where people change their own password: open to every role."""
_KEPT = timedelta(days=30)
"""How long Redis keeps a session, ended or not: longer than answers, which a full memory is to cost first."""


class LoggedOut(Exception):
    """The session has expired, or was ended in another tab."""


@dataclass(frozen=True, slots=True)
class Sessions:
    """Begins, finds and ends sessions, in the storage that NiceGUI keeps for each browser."""

    clock: Clock

    def begin(self, request: Request, actor: Actor) -> None:
        """Log somebody in, in place of whoever was."""
        key = secrets.token_urlsafe(32)
        request.session["key"] = key
        storage = app.storage.user
        if isinstance(storage, RedisPersistentDict):
            storage.ttl = int(_KEPT.total_seconds())  # NiceGUI itself would keep for ever who never logs out
        storage["session"] = {
            "key": key,
            "name": actor.name,
            "role": actor.role.value,
            "until": (self.clock.now() + LIFETIME).isoformat(),
        }

    def actor(self, request: Request) -> Actor | None:
        """Who sent the request, if somebody is logged in there and the session has not expired."""
        session = app.storage.user.get("session")
        key = request.session.get("key")
        if not session or not key or not secrets.compare_digest(str(key), str(session["key"])):
            return None
        if self.clock.now() >= datetime.fromisoformat(session["until"]):
            self.end(request)
            return None
        return Actor(session["name"], Role(session["role"]))

    def end(self, request: Request) -> None:
        """Log out, in every tab of the browser."""
        if not getattr(request.state, "responded", False):
            request.session.pop("key", None)
        app.storage.user.clear()


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
    url = request.url
    going = f"{url.path}?{url.query}" if url.query else url.path
    return "/login" if going == "/" else f"/login?{urlencode({'next': going})}"
