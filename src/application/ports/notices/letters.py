"""The letters of notices."""

from abc import abstractmethod
from dataclasses import dataclass
from typing import Protocol

from domain.notices.content import NoticeContent


@dataclass(frozen=True, slots=True)
class Letter:
    """One letter, as a page for a browser and as PDF; both state the same."""

    html: bytes
    pdf: bytes


class LetterFailed(Exception):
    """The letter could not be made, although nothing is missing. The message says why and what to do."""


class LetterNotPrintable(LetterFailed):
    """No font on the server has some characters of the letter, which the message lists."""


class Letters(Protocol):
    """Writes letters. The same content gives the same bytes."""

    @abstractmethod
    async def render(self, content: NoticeContent) -> Letter:
        """The letter with this content.

        Raises NoticeIncomplete, naming everything that is missing, LetterNotPrintable and LetterFailed.
        """
