"""The documents of an export for people, rendered in a process of their own."""

import asyncio
import json
import logging
import sys
from collections.abc import Sequence
from dataclasses import asdict

from application.ports.audit.evidence_package import EvidenceDocuments, EvidenceRenderer, RecordText

SECONDS = 120.0
_NO_PANGO = 3
_WITHOUT_PANGO = (
    "the system library Pango is not installed where the export was made (Debian packages: libpango-1.0-0, "
    "libpangoft2-1.0-0, libharfbuzz-subset0)"
)
_log = logging.getLogger(__name__)


class RenderingFailed(Exception):
    """Neither HTML nor PDF could be made. The message says why."""


class ProcessRenderer(EvidenceRenderer):
    """Renders one export at a time, for at most `seconds`."""

    def __init__(self, command: Sequence[str] = (), *, seconds: float = SECONDS) -> None:
        self._command = command or (sys.executable, "-m", "adapters.evidence.render_process")
        self._seconds = seconds
        self._lock = asyncio.Lock()

    async def render(self, texts: Sequence[RecordText], *, pdf: bool) -> EvidenceDocuments:
        job = json.dumps({"texts": [asdict(text) for text in texts], "pdf": pdf}).encode()
        async with self._lock:
            output, errors, code = await self._run(job)
        length, _, rest = output.partition(b"\n")
        html = rest[: int(length)] if length.isdigit() else b""
        if not html or len(html) < int(length):
            raise RenderingFailed(f"the documents could not be rendered (exit code {code}): {_end_of(errors)}")
        document = rest[len(html) :]
        if not pdf or (code == 0 and document.startswith(b"%PDF")):
            return EvidenceDocuments(html, document or None)
        if code == _NO_PANGO:
            return EvidenceDocuments(html, None, _WITHOUT_PANGO)
        _log.error("an export of evidence has no PDF (exit code %s): %s", code, _end_of(errors))
        return EvidenceDocuments(html, None, "it could not be made; the service's log says why")

    async def _run(self, job: bytes) -> tuple[bytes, bytes, int | None]:
        pipe = asyncio.subprocess.PIPE
        process = await asyncio.create_subprocess_exec(*self._command, stdin=pipe, stdout=pipe, stderr=pipe)
        try:
            async with asyncio.timeout(self._seconds):
                output, errors = await process.communicate(job)
        except TimeoutError:
            return b"", f"not finished within {self._seconds:g} s".encode(), None
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()
        return output, errors, process.returncode


def _end_of(errors: bytes) -> str:
    lines = errors.decode("utf-8", "replace").strip().splitlines()
    return lines[-1][:500] if lines else "no message"
