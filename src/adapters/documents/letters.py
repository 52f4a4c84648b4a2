"""The letters of notices, rendered by another process."""

import logging

from adapters.documents.letter_values import TEMPLATE, letter_values
from adapters.documents.rendering import DocumentProcess, PdfFault, RenderingFailed
from application.ports.notices.letters import Letter, LetterFailed, LetterNotPrintable, Letters
from domain.notices.completeness import require_complete
from domain.notices.content import NoticeContent

_log = logging.getLogger(__name__)


class RenderedLetters(Letters):
    """Letters in HTML and PDF from the same template."""

    def __init__(self, process: DocumentProcess | None = None) -> None:
        self._process = process or DocumentProcess()

    async def render(self, content: NoticeContent) -> Letter:
        require_complete(content)
        try:
            document = await self._process.render(TEMPLATE, letter_values(content), accessible=True)
        except RenderingFailed as fault:
            _log.error("a letter could not be rendered: %s", fault)
            raise LetterFailed("the letter could not be made; the service's log says why") from fault
        if document.pdf is not None:
            return Letter(document.html, document.pdf)
        if document.fault is PdfFault.NO_FONT:
            raise LetterNotPrintable(
                f"no font on the server has these characters: {document.details}. Install one that has them, or "
                "write the text in Latin letters"
            )
        if document.fault is PdfFault.UNEXPECTED:
            _log.error("a letter has no PDF: %s", document.details)
            raise LetterFailed("the PDF of the letter could not be made; the service's log says why")
        raise LetterFailed(f"the PDF of the letter could not be made: {document.details}")
