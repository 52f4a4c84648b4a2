"""Letters without a layout."""

from application.ports.notices.letters import Letter, Letters
from domain.notices.completeness import require_complete
from domain.notices.content import NoticeContent


class PlainLetters(Letters):
    """Letters that are what they state, written out."""

    async def render(self, content: NoticeContent) -> Letter:
        require_complete(content)
        return Letter(f"<p>{content}</p>".encode(), f"%PDF {content}".encode())
