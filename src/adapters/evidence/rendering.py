"""The documents of an export for people, rendered in a process of their own."""

import asyncio
import json
import logging
import sys
import tempfile
from asyncio.subprocess import Process
from collections.abc import Sequence
from dataclasses import asdict
from typing import IO

from application.ports.audit.evidence_package import EvidenceDocuments, EvidenceRenderer, RecordText

SECONDS = 20.0
"""Proxies give up on a response that does not begin within half a minute."""
_NO_PANGO = 3
_WITHOUT_PANGO = (
    "the system library Pango is not installed where the export was made (Debian packages: libpango-1.0-0, "
    "libpangoft2-1.0-0, libharfbuzz-subset0)"
)
_log = logging.getLogger(__name__)


class RenderingFailed(Exception):
    """Neither HTML nor PDF could be made. The message says why."""


class ProcessRenderer(EvidenceRenderer):
    """Renders one export at a time, HTML and PDF for at most `seconds` each."""

    def __init__(self, command: Sequence[str] = (), *, seconds: float = SECONDS) -> None:
        self._command = command or (sys.executable, "-m", "adapters.evidence.render_process")
        self._seconds = seconds
        self._lock = asyncio.Lock()

    async def render(self, texts: Sequence[RecordText], *, pdf: bool) -> EvidenceDocuments:
        job = await asyncio.to_thread(_job, texts, pdf=pdf)
        async with self._lock:
            with tempfile.TemporaryFile() as errors:  # a pipe that is not read could block the process
                return await self._run(job, errors, pdf=pdf)

    async def _run(self, job: bytes, errors: IO[bytes], *, pdf: bool) -> EvidenceDocuments:
        pipe = asyncio.subprocess.PIPE
        process = await asyncio.create_subprocess_exec(*self._command, stdin=pipe, stdout=pipe, stderr=errors)
        try:
            html = await self._html(process, job, errors)
            if not pdf:
                return EvidenceDocuments(html, None)
            return await self._with_pdf(process, html, errors)
        finally:
            if process.returncode is None:
                process.kill()
            await process.wait()

    async def _html(self, process: Process, job: bytes, errors: IO[bytes]) -> bytes:
        assert process.stdin is not None  # noqa: S101 - they are pipes
        assert process.stdout is not None  # noqa: S101 - for mypy: it is a pipe
        try:
            async with asyncio.timeout(self._seconds):
                process.stdin.write(job)
                await process.stdin.drain()
                process.stdin.close()
                length = int(await process.stdout.readline())
                return await process.stdout.readexactly(length)
        except TimeoutError:
            raise RenderingFailed(f"the documents were not finished within {self._seconds:g} s") from None
        except (asyncio.IncompleteReadError, ValueError, OSError) as fault:
            await process.wait()
            raise RenderingFailed(f"the documents could not be rendered: {_end_of(errors)}") from fault

    async def _with_pdf(self, process: Process, html: bytes, errors: IO[bytes]) -> EvidenceDocuments:
        assert process.stdout is not None  # noqa: S101 - for mypy: it is a pipe
        try:
            async with asyncio.timeout(self._seconds):
                document = await process.stdout.read()
                code = await process.wait()
        except TimeoutError:
            why = f"it was not finished within {self._seconds:g} s: export fewer decisions at a time"
            _log.warning("an export of evidence has no PDF: %s", why)
            return EvidenceDocuments(html, None, why)
        if code == 0 and document.startswith(b"%PDF"):
            return EvidenceDocuments(html, document)
        if code == _NO_PANGO:
            return EvidenceDocuments(html, None, _WITHOUT_PANGO)
        _log.error("an export of evidence has no PDF (exit code %s): %s", code, _end_of(errors))
        return EvidenceDocuments(html, None, "it could not be made; the service's log says why")


def _job(texts: Sequence[RecordText], *, pdf: bool) -> bytes:
    return json.dumps({"texts": [asdict(text) for text in texts], "pdf": pdf}).encode()


def _end_of(errors: IO[bytes]) -> str:
    """The last line that the process wrote to its standard error."""
    errors.seek(0)
    lines = errors.read().decode("utf-8", "replace").strip().splitlines()
    return lines[-1][:500] if lines else "no message"
