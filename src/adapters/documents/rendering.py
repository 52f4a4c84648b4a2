"""Rendering documents in a process of their own, one at a time."""

import asyncio
import json
import sys
import tempfile
from asyncio.subprocess import Process
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import IO, Any

SECONDS = 20.0
"""Proxies give up on a response that does not begin within half a minute."""
NO_PANGO = (
    "the system library Pango is not installed on the server (Debian packages: libpango-1.0-0, "
    "libpangoft2-1.0-0, libharfbuzz-subset0)"
)
_PANGO_MISSING, _CHARACTERS_MISSING = 3, 4
"""The exit codes of the process."""


class RenderingFailed(Exception):
    """Neither HTML nor PDF could be made. The message says why."""


class PdfFault(Enum):
    """Why there is no PDF."""

    TIMEOUT = "timeout"
    NO_PANGO = "no_pango"
    NO_FONT = "no_font"
    """No installed font has some characters, which the details list."""
    UNEXPECTED = "unexpected"


@dataclass(frozen=True, slots=True)
class RenderedDocument:
    """The document. Without a PDF, `fault` and `details` say why if one was wanted."""

    html: bytes
    pdf: bytes | None = None
    fault: PdfFault | None = None
    details: str = ""


class DocumentProcess:
    """Renders one document at a time, HTML and PDF for at most `seconds` each."""

    def __init__(self, command: Sequence[str] = (), *, seconds: float = SECONDS) -> None:
        self._command = command or (sys.executable, "-m", "adapters.documents.render_process")
        self._seconds = seconds
        self._lock = asyncio.Lock()

    async def render(
        self, template: str, values: Mapping[str, Any], *, pdf: bool = True, accessible: bool = False
    ) -> RenderedDocument:
        """The document of a template. An accessible PDF is for screen readers too and shows every character."""
        job = {"template": template, "values": values, "pdf": pdf, "accessible": accessible}
        content = await asyncio.to_thread(lambda: json.dumps(job).encode())
        async with self._lock:
            with tempfile.TemporaryFile() as errors:  # a pipe that is not read could block the process
                return await self._run(content, errors, pdf=pdf)

    async def _run(self, job: bytes, errors: IO[bytes], *, pdf: bool) -> RenderedDocument:
        pipe = asyncio.subprocess.PIPE
        process = await asyncio.create_subprocess_exec(*self._command, stdin=pipe, stdout=pipe, stderr=errors)
        try:
            html = await self._html(process, job, errors)
            if not pdf:
                return RenderedDocument(html)
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

    async def _with_pdf(self, process: Process, html: bytes, errors: IO[bytes]) -> RenderedDocument:
        assert process.stdout is not None  # noqa: S101 - for mypy: it is a pipe
        try:
            async with asyncio.timeout(self._seconds):
                document = await process.stdout.read()
                code = await process.wait()
        except TimeoutError:
            return RenderedDocument(
                html, None, PdfFault.TIMEOUT, f"it was not finished within {self._seconds:g} s"
            )
        if code == 0 and document.startswith(b"%PDF"):
            return RenderedDocument(html, document)
        if code == _PANGO_MISSING:
            return RenderedDocument(html, None, PdfFault.NO_PANGO, NO_PANGO)
        if code == _CHARACTERS_MISSING:
            return RenderedDocument(html, None, PdfFault.NO_FONT, _end_of(errors))
        return RenderedDocument(html, None, PdfFault.UNEXPECTED, f"exit code {code}: {_end_of(errors)}")


def _end_of(errors: IO[bytes]) -> str:
    """The last line that the process wrote to its standard error."""
    errors.seek(0)
    lines = errors.read().decode("utf-8", "replace").strip().splitlines()
    return lines[-1][:500] if lines else "no message"
