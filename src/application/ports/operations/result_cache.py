"""Answers that cost tens of milliseconds, and may be given again for a while."""

from abc import abstractmethod
from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol


@dataclass(frozen=True, slots=True)
class CacheKey:
    """Everything an answer depends on: two questions that are equal have the same answer.

    `kind` names the use case and the form of its answers ("counterfactual 1"): another number whenever either
    changes, so that replicas of two releases do not misread each other. `depends_on` holds fingerprints of model
    and policy, and the inputs. `asker` is the person, where the answer depends on who asks, else empty.
    """

    kind: str
    depends_on: tuple[str, ...]
    asker: str = ""


class ResultCache(Protocol):
    """Remembers answers as bytes. One that is down or slow has forgotten; it never fails a caller.

    Whether the asker may know is settled before the question is put here.
    """

    @abstractmethod
    async def get(self, question: CacheKey) -> bytes | None:
        """The answer to this very question, if remembered."""

    @abstractmethod
    async def put(self, question: CacheKey, answer: bytes, *, lifetime: timedelta) -> None:
        """Remember an answer for a while, at most so long; a millisecond at least."""
