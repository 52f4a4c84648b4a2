"""The documents for people in an export of evidence."""

import logging
from collections.abc import Sequence
from dataclasses import asdict

from adapters.documents.rendering import DocumentProcess, PdfFault
from application.ports.audit.evidence_package import EvidenceDocuments, EvidenceRenderer, RecordText

TEMPLATE = "evidence.html"
_log = logging.getLogger(__name__)


class RenderedEvidence(EvidenceRenderer):
    """Describes decisions in HTML and PDF, which another process renders."""

    def __init__(self, process: DocumentProcess | None = None) -> None:
        self._process = process or DocumentProcess()

    async def render(self, texts: Sequence[RecordText], *, pdf: bool) -> EvidenceDocuments:
        document = await self._process.render(TEMPLATE, evidence_values(texts), pdf=pdf)
        if document.fault is PdfFault.UNEXPECTED:
            _log.error("an export of evidence has no PDF: %s", document.details)
            return EvidenceDocuments(document.html, None, "it could not be made; the service's log says why")
        if document.fault is PdfFault.TIMEOUT:
            _log.warning("an export of evidence has no PDF: %s", document.details)
            return EvidenceDocuments(document.html, None, f"{document.details}: export fewer decisions at a time")
        return EvidenceDocuments(document.html, document.pdf, document.details)


def evidence_values(texts: Sequence[RecordText]) -> dict[str, object]:
    """The values of the template."""
    return {"decisions": [asdict(text) for text in texts]}
