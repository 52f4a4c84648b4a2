"""The sessions of the web interface, shared by all its processes."""

from abc import abstractmethod
from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from domain.access.web_session import WebSession
from domain.audit.event import RecordedEvent


class WebSessions(Protocol):
    """Keeps sessions; raises DependencyUnavailable when the storage does not answer.

    `find` and `touch` are answered from memory. Changes by other processes are seen with `refresh`, those by this
    one at once.
    """

    @abstractmethod
    def find(self, session_id: bytes) -> WebSession | None:
        """The session, if it was begun and has not been ended."""

    @abstractmethod
    def touch(self, session_id: bytes, at: datetime) -> None:
        """The session was used; other processes learn it within about a minute."""

    @abstractmethod
    async def add(self, session: WebSession) -> None:
        """Begin a session."""

    @abstractmethod
    async def end(self, session_id: bytes, at: datetime, *, event: RecordedEvent | None = None) -> bool:
        """End a session for every process; says False when there is none that has not ended.

        With an event: it goes on the audit trail together with the change, if there is one.
        """

    @abstractmethod
    async def refresh(self) -> None:
        """Learn what other processes have changed, and let them learn which sessions were used here."""

    @abstractmethod
    async def all(self) -> Sequence[WebSession]:
        """Those that have not been ended, the latest first; some may have expired."""

    @abstractmethod
    async def purge(self, before: datetime) -> int:
        """Delete those that began before; how many there were."""
