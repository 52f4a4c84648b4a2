"""Renders decisions in words: `python -m adapters.evidence.render_process`.

A process of its own, because a PDF takes seconds of processor time and a hundred megabytes, and Pango is written
in C. It reads a job in JSON from standard input, and writes a line with the length of the HTML, the HTML, and the
PDF.
"""

import json
import os
import resource
import signal
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

import jinja2

MEMORY_MB = 768
CPU_SECONDS = 60
NICENESS = 10
_TEMPLATES = Path(__file__).parent


def render_html(texts: list[dict[str, Any]]) -> str:
    """The document of these decisions; equal decisions give equal documents."""
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(_TEMPLATES), autoescape=True, undefined=jinja2.StrictUndefined
    )
    return environment.get_template("evidence.html").render(decisions=texts)


def render_pdf(html: str) -> bytes:
    """The document as PDF, which loads nothing. Raises OSError if Pango is not installed."""
    from weasyprint import HTML  # noqa: PLC0415 - loads Pango
    from weasyprint.urls import URLFetcher  # noqa: PLC0415 - as above

    class NoFetcher(URLFetcher):  # type: ignore[misc] # weasyprint has no types
        def fetch(self, url: str, headers: Any = None) -> Any:  # noqa: ARG002 - the library's signature
            raise ValueError(f"documents load nothing, not even {url[:60]}")

    pdf: bytes = HTML(string=html, url_fetcher=NoFetcher()).write_pdf()
    return pdf


def main() -> None:
    """Render the job."""
    os.nice(NICENESS)
    with suppress(OSError):  # Linux: if memory runs out, the kernel ends this process first
        Path("/proc/self/oom_score_adj").write_text("1000")
    for limit, value in ((resource.RLIMIT_DATA, MEMORY_MB << 20), (resource.RLIMIT_CORE, 0)):
        resource.setrlimit(limit, (value, value))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS + 5))
    for ignored in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):  # the service says when it ends
        signal.signal(ignored, signal.SIG_IGN)
    job = json.load(sys.stdin)
    html = render_html(job["texts"])
    output = sys.stdout.buffer
    content = html.encode()
    output.write(b"%d\n" % len(content) + content)
    output.flush()
    if job["pdf"]:
        try:
            output.write(render_pdf(html))
        except OSError as fault:  # how WeasyPrint says that a library is missing
            sys.stderr.write(f"missing library: {fault}\n")
            sys.exit(3)


if __name__ == "__main__":
    main()
