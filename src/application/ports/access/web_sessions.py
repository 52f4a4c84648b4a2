"""The sessions of the web interface, shared by all its processes."""

from abc import abstractmethod
from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from domain.access.web_session import WebSession
from domain.audit.event import RecordedEvent


class WebSessions(Protocol):
    """Stores sessions; raises DependencyUnavailable if the storage does not answer.

    `find` and `touch` work in memory. Changes by this process are visible immediately, those by other processes
    after `refresh`.
    """

    @abstractmethod
    def find(self, session_id: bytes) -> WebSession | None:
        """The session, unless it does not exist or was ended."""

    @abstractmethod
    def touch(self, session_id: bytes, at: datetime) -> None:
        """Note that the session was used; other processes see it within about a minute."""

    @abstractmethod
    async def add(self, session: WebSession) -> None:
        """Add a session."""

    @abstractmethod
    async def end(self, session_id: bytes, at: datetime, *, event: RecordedEvent | None = None) -> bool:
        """End a session in every process; return False if it does not exist or was ended already.

        An event is added to the audit trail in the same transaction, if the session was ended.
        """

    @abstractmethod
    async def refresh(self) -> None:
        """Read the changes by other processes, and write which sessions were used here."""

    @abstractmethod
    async def all(self) -> Sequence[WebSession]:
        """The sessions that were not ended, newest first; some may have expired."""

    @abstractmethod
    async def purge(self, before: datetime) -> int:
        """Delete sessions that started before this time, and return their number."""
