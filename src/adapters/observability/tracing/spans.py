"""What the rest of observability needs of tracing, so that none of it imports OpenTelemetry."""

from abc import abstractmethod
from collections.abc import Iterable, Mapping
from typing import Protocol

Attributes = Mapping[str, str | int | float | bool]
Headers = Iterable[tuple[bytes, bytes]]


class OpenSpan(Protocol):
    """A span under way; spans begun in the same task meanwhile are its children."""

    @property
    @abstractmethod
    def trace_id(self) -> str:
        """The trace it belongs to, 32 hexadecimal digits."""

    @abstractmethod
    def end(
        self, attributes: Attributes | None = None, *, name: str | None = None, error: str | None = None
    ) -> None:
        """End it, in the task that began it. `error` is the type of what went wrong."""


class Tracer(Protocol):
    """Begins spans."""

    @abstractmethod
    def begin(self, name: str) -> OpenSpan:
        """Begin something done within the service."""

    @abstractmethod
    def begin_request(self, name: str, headers: Headers) -> OpenSpan:
        """Begin answering a request, as part of the caller's trace if its headers name one (W3C traceparent)."""

    @abstractmethod
    def close(self, patience: float) -> None:
        """Send what is left, within so many seconds."""
