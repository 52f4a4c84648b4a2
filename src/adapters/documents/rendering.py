"""Rendering documents in a process of their own, one at a time."""

import asyncio
import json
import subprocess
import sys
import tempfile
import threading
import weakref
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from enum import Enum
from typing import IO, Any

SECONDS = 20.0
"""Proxies give up on a response that does not begin within half a minute."""
PANGO_MISSING = (
    "the system library Pango is not installed on the server (Debian packages: libpango-1.0-0, "
    "libpangoft2-1.0-0, libharfbuzz-subset0)"
)


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
    """Renders one document at a time, HTML and PDF for at most `seconds` each.

    The process is started for the first document, and again after it ended, failed or took too long.
    """

    def __init__(self, command: Sequence[str] = (), *, seconds: float = SECONDS) -> None:
        self._command = command or (sys.executable, "-m", "adapters.documents.render_process")
        self._seconds = seconds
        self._queue = ThreadPoolExecutor(1, "documents")
        self._running: _Renderer | None = None

    async def render(
        self, template: str, values: Mapping[str, Any], *, pdf: bool = True, accessible: bool = False
    ) -> RenderedDocument:
        """The document of a template. An accessible PDF is for screen readers too and shows every character.

        Raises RenderingFailed.
        """
        job = {"template": template, "values": values, "pdf": pdf, "accessible": accessible}
        return await asyncio.get_running_loop().run_in_executor(self._queue, self._render, job)

    def _render(self, job: Mapping[str, Any]) -> RenderedDocument:
        content = json.dumps(job).encode() + b"\n"
        if self._running is not None:
            with suppress(_Ended):  # there was no job for a while
                return self._rendered_by(self._running, content, pdf=job["pdf"])
        return self._rendered_by(_Renderer(self._command, self._seconds), content, pdf=job["pdf"])

    def _rendered_by(self, renderer: "_Renderer", content: bytes, *, pdf: bool) -> RenderedDocument:
        self._running = None
        document = renderer.render(content, pdf=pdf)
        self._running = renderer if renderer.usable else None
        return document


class _Ended(RenderingFailed):
    """The process ended before the document was finished."""


class _Renderer:
    """One process. After a failure it is ended, and not `usable` again."""

    def __init__(self, command: Sequence[str], seconds: float) -> None:
        self._seconds = seconds
        self._errors: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115 - a pipe that is not read could block it
        pipe = subprocess.PIPE
        self._process = subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=self._errors)  # noqa: S603 - our own
        assert self._process.stdin is not None  # noqa: S101 - they are pipes
        assert self._process.stdout is not None  # noqa: S101 - as above
        self._input, self._output = self._process.stdin, self._process.stdout
        self.usable = True
        self._end = weakref.finalize(self, _end, self._process, self._errors)
        threading.Thread(target=self._process.wait, daemon=True).start()  # it may end while there is no job

    def render(self, content: bytes, *, pdf: bool) -> RenderedDocument:
        """The document; raises RenderingFailed if there is not even HTML."""
        try:
            html = self._html(content)
            return self._with_pdf(html) if pdf else RenderedDocument(html)
        except BaseException:
            self.usable = False
            raise
        finally:
            if not self.usable:
                self._end()  # also called when nothing refers to this any more

    def _html(self, content: bytes) -> bytes:
        with self._deadline() as passed:
            try:
                self._input.write(content)
                self._input.flush()
                return self._sized(self._output.readline())
            except (OSError, ValueError) as fault:
                self._process.wait(self._seconds)
                if passed.is_set():
                    raise RenderingFailed(f"the documents were not finished within {self._seconds:g} s") from fault
                raise _Ended(f"the documents could not be rendered: {self._last_error()}") from fault

    def _with_pdf(self, html: bytes) -> RenderedDocument:
        with self._deadline() as passed:
            head = self._output.readline()
            word, _, details = head.decode().strip().partition(" ")
            if word == PdfFault.NO_PANGO.value:
                return RenderedDocument(html, None, PdfFault.NO_PANGO, PANGO_MISSING)
            if word == PdfFault.NO_FONT.value:
                return RenderedDocument(html, None, PdfFault.NO_FONT, details)
            try:
                return RenderedDocument(html, self._sized(head))
            except ValueError:
                self.usable = False
                code = self._process.wait(self._seconds)
                if passed.is_set():
                    late = f"it was not finished within {self._seconds:g} s"
                    return RenderedDocument(html, None, PdfFault.TIMEOUT, late)
                details = f"exit code {code}: {self._last_error()}"
                return RenderedDocument(html, None, PdfFault.UNEXPECTED, details)

    def _sized(self, head: bytes) -> bytes:
        """The content whose length the line says; raises ValueError if there is less."""
        length = int(head)
        content = self._output.read(length)
        if len(content) < length:
            raise ValueError(f"{len(content)} of {length} bytes")
        return content

    @contextmanager
    def _deadline(self) -> Iterator[threading.Event]:
        """Ends the process when its time has passed, which the event says."""
        passed = threading.Event()

        def end() -> None:
            passed.set()
            self._process.kill()

        timer = threading.Timer(self._seconds, end)
        timer.start()
        try:
            yield passed
        finally:
            timer.cancel()

    def _last_error(self) -> str:
        """The last line that the process wrote to its standard error."""
        self._errors.seek(0)
        lines = self._errors.read().decode("utf-8", "replace").strip().splitlines()
        return lines[-1][:500] if lines else "no message"


def _end(process: subprocess.Popen[bytes], errors: IO[bytes]) -> None:
    process.kill()
    process.wait()
    for pipe in (process.stdin, process.stdout, errors):
        if pipe is not None:
            with suppress(OSError):  # what was not written cannot be any more
                pipe.close()
