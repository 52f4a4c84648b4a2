"""Letters rendered in this process: many of them in a short time, where no request waits."""

import asyncio
import logging

from adapters.documents.letter_values import TEMPLATE, letter_values
from adapters.documents.render_process import CharactersMissing, render_html, render_pdf
from application.ports.notices.letters import Letter, LetterFailed, Letters
from domain.notices.completeness import require_complete
from domain.notices.content import NoticeContent


class InProcessLetters(Letters):
    """The same bytes as those of `RenderedLetters`, an eighth of the time each."""

    def __init__(self) -> None:
        self._lock = asyncio.Lock()
        logging.getLogger("weasyprint.progress").setLevel(logging.WARNING)  # eight lines for each letter

    async def render(self, content: NoticeContent) -> Letter:
        require_complete(content)
        html = render_html(TEMPLATE, letter_values(content))
        try:
            async with self._lock:
                pdf = await asyncio.to_thread(render_pdf, html, accessible=True)
        except (OSError, CharactersMissing) as fault:
            raise LetterFailed(f"the PDF of the letter could not be made: {fault}") from fault
        return Letter(html.encode(), pdf)
