"""Renders a document: `python -m adapters.documents.render_process`.

A process of its own, because a PDF takes seconds of processor time and a hundred megabytes, and Pango is written
in C. For each line of standard input, which is a job in JSON, it writes a line with the length of the HTML, the
HTML, and if a PDF is wanted a line with its length and the PDF, or a line that says why there is none. It ends
after a minute without a job or after a large document, because loading Pango again takes a second and keeping it
takes memory.
"""

import json
import logging
import os
import resource
import select
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import jinja2

MEMORY_MB = 768
CPU_SECONDS = 60
NICENESS = 10
IDLE_SECONDS, KEPT_MB = 60, 200
NO_PANGO, NO_FONT = "no_pango", "no_font"
"""Why there is no PDF."""
_ENVIRONMENT = jinja2.Environment(
    loader=jinja2.FileSystemLoader(Path(__file__).parent / "templates"),
    autoescape=True,
    undefined=jinja2.StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_ACCESSIBLE = "pdf/ua-1"
"""The variant of PDF that screen readers can read (ISO 14289-1)."""


class CharactersMissing(Exception):
    """No installed font has some characters of the document; the message lists them."""


def render_html(template: str, values: dict[str, Any]) -> str:
    """The document; equal values give equal documents."""
    return _ENVIRONMENT.get_template(template).render(values)


def render_pdf(html: str, *, accessible: bool = False) -> bytes:
    """The document as PDF, which loads nothing.

    An accessible one can be read by screen readers and shows every character, which takes longer. Raises OSError
    if Pango is not installed, and CharactersMissing if an accessible PDF would lack some.
    """
    from weasyprint import HTML, LOGGER  # noqa: PLC0415 - loads Pango
    from weasyprint.urls import URLFetcher  # noqa: PLC0415 - as above

    class NoFetcher(URLFetcher):  # type: ignore[misc] # weasyprint has no types
        def fetch(self, url: str, headers: Any = None) -> Any:  # noqa: ARG002 - the library's signature
            raise ValueError(f"documents load nothing, not even {url[:60]}")

    missing = _MissingCharacters()
    LOGGER.addHandler(missing)
    try:
        pdf: bytes = HTML(string=html, url_fetcher=NoFetcher()).write_pdf(
            pdf_variant=_ACCESSIBLE if accessible else None
        )
    finally:
        LOGGER.removeHandler(missing)
    if accessible and missing.characters:
        raise CharactersMissing(", ".join(missing.characters))
    return pdf


class _MissingCharacters(logging.Handler):
    """Collects the characters for which WeasyPrint says that no font has them."""

    def __init__(self) -> None:
        super().__init__()
        self.characters: dict[str, None] = {}

    def emit(self, record: logging.LogRecord) -> None:
        if str(record.msg).startswith(".notdef glyph") and isinstance(record.args, tuple):
            self.characters[f"{record.args[0]} (U+{record.args[1]:04X})"] = None


def main() -> None:
    """Render jobs until there are none for a while."""
    os.nice(NICENESS)
    with suppress(OSError):  # Linux: if memory runs out, the kernel ends this process first
        Path("/proc/self/oom_score_adj").write_text("1000")
    for limit, value in ((resource.RLIMIT_DATA, MEMORY_MB << 20), (resource.RLIMIT_CORE, 0)):
        resource.setrlimit(limit, (value, value))
    for ignored in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):  # the service says when it ends
        signal.signal(ignored, signal.SIG_IGN)
    jobs, output = sys.stdin.buffer, sys.stdout.buffer
    while select.select([jobs], [], [], IDLE_SECONDS)[0] and (line := jobs.readline()):
        _limit_processor_time()
        for part in _rendered(json.loads(line)):
            output.write(part)
            output.flush()
        if _is_large():
            return


def _is_large() -> bool:
    """Whether the process takes too much memory to wait for another job, as after a large document."""
    try:
        resident = int(Path("/proc/self/statm").read_text().split()[1])
    except OSError:  # not Linux
        return False
    return resident * resource.getpagesize() > KEPT_MB << 20


def _limit_processor_time() -> None:
    _, most = resource.getrlimit(resource.RLIMIT_CPU)
    resource.setrlimit(resource.RLIMIT_CPU, (int(time.process_time()) + CPU_SECONDS, most))


def _rendered(job: dict[str, Any]) -> Iterator[bytes]:
    """What the service reads: the HTML, then the PDF or why there is none."""
    html = render_html(job["template"], job["values"])
    content = html.encode()
    yield b"%d\n" % len(content) + content
    if not job["pdf"]:
        return
    try:
        pdf = render_pdf(html, accessible=job["accessible"])
    except OSError:  # how WeasyPrint says that a library is missing
        yield f"{NO_PANGO}\n".encode()
    except CharactersMissing as missing:
        yield f"{NO_FONT} {missing}\n".encode()
    else:
        yield b"%d\n" % len(pdf) + pdf


if __name__ == "__main__":
    main()
