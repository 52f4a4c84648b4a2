"""Start, check and end sessions of the web interface."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from hashlib import blake2b

from application.ports.access.user_directory import UserDirectory
from application.ports.access.web_sessions import WebSessions
from application.ports.operations.clock import Clock
from application.ports.operations.dependencies import DependencyUnavailable
from application.use_cases.access.log_in import account_as_of
from application.use_cases.audit.event_factory import EventFactory
from domain.access.account import Account
from domain.access.web_session import LIFETIME, WebSession
from domain.audit.event import EventKind


class SessionNotFound(Exception):
    """There is no open session with this identifier."""


@dataclass(frozen=True, slots=True)
class ManageWebSessions:
    """The sessions of the web interface; a browser identifies its session by a secret key."""

    sessions: WebSessions
    directory: UserDirectory
    clock: Clock
    idle: timedelta = timedelta(minutes=30)
    new_event: EventFactory | None = None

    async def begin(self, account: Account, *, address: str) -> str:
        """Start a session for a user who has just logged in, and return its key; raises PasswordChangeRequired."""
        account.check_may_act()
        known = self.directory.find(account.actor.name)
        if known is None or known.generation < account.generation:
            await self.directory.refresh()
        key, now = secrets.token_urlsafe(32), self.clock.now()
        name, generation = account.actor.name, account.generation
        previous = account.previous_login_at
        await self.sessions.add(WebSession(_id_of(key), name, generation, address, now, now, previous))
        return key

    def account(self, key: str, *, active: bool = True) -> Account | None:
        """The account of the session with this key, if it is valid; `active` counts as using the session.

        No session is valid if the user directory has no copy of the accounts.
        """
        session_id, now = _id_of(key), self.clock.now()
        session = self.sessions.find(session_id)
        if session is None or not session.is_valid(now, self.idle):
            return None
        try:
            account = account_as_of(self.directory, session.name, session.generation)
        except DependencyUnavailable:
            return None
        if account is None or account.must_change_password:
            return None
        if active:
            self.sessions.touch(session_id, now)
        return account

    def find(self, key: str) -> WebSession | None:
        """The session with this key, valid or not, if this process knows it."""
        return self.sessions.find(_id_of(key))

    async def load(self, key: str) -> None:
        """Refresh this process's copies of sessions and accounts if they do not contain this session yet."""
        session_id = _id_of(key)
        if self.sessions.find(session_id) is None:
            await self.sessions.refresh()
        session = self.sessions.find(session_id)
        if session is None:
            return
        account = self.directory.find(session.name)
        if account is None or account.generation < session.generation:
            await self.directory.refresh()

    async def end(self, key: str) -> None:
        """End the session in every process, and record that the user logged out."""
        session_id = _id_of(key)
        session = self.sessions.find(session_id)
        event = None
        if session and self.new_event:
            event = self.new_event(EventKind.LOGGED_OUT, session.name, {"user": session.name})
        await self.sessions.end(session_id, self.clock.now(), event=event)


@dataclass(frozen=True, slots=True)
class ListWebSessions:
    """Lists the open web sessions of all users."""

    sessions: WebSessions
    directory: UserDirectory
    clock: Clock
    idle: timedelta

    async def __call__(self) -> Sequence[WebSession]:
        """Valid sessions, newest first."""
        await self.directory.refresh()
        now = self.clock.now()
        return [
            session
            for session in await self.sessions.all()
            if session.is_valid(now, self.idle)
            and account_as_of(self.directory, session.name, session.generation) is not None
        ]


@dataclass(frozen=True, slots=True)
class EndWebSession:
    """Ends one session."""

    sessions: WebSessions
    new_event: EventFactory

    async def __call__(self, session_id: bytes, *, by: str) -> None:
        """End the session; raises SessionNotFound."""
        for session in await self.sessions.all():
            if session.id == session_id:
                details = {"user": session.name, "session_started": session.started_at.isoformat()}
                event = self.new_event(EventKind.SESSIONS_ENDED, by, details)
                if await self.sessions.end(session_id, event.at, event=event):
                    return
        raise SessionNotFound(f"there is no open session {session_id.hex()}")


@dataclass(frozen=True, slots=True)
class PurgeWebSessions:
    """Deletes sessions that ended long ago."""

    sessions: WebSessions
    clock: Clock

    async def __call__(self) -> int:
        """Delete sessions that started more than twice LIFETIME ago, and return their number."""
        return await self.sessions.purge(self.clock.now() - 2 * LIFETIME)


def _id_of(key: str) -> bytes:
    return blake2b(key.encode("utf-8", "surrogatepass"), digest_size=16, person=b"web session").digest()
