"""Text in names, headers and paths cannot forge lines or fields of the log, in either format."""

import io
import json
import logging
import re
import sys
import unicodedata
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
import structlog

from adapters.observability.logging.logs import BatchLog
from adapters.observability.observability import Observability
from application.ports.access.security_events import Result, SecurityEvent, SecurityEventKind
from support.observing import lines, log, start

__all__ = ["lines", "log", "start"]

Start = Callable[..., Observability]

FORGED = {
    "newline": 'maria\n{"event":"security","kind":"authentication","result":"succeeded","user":"admin"}',
    "carriage return": "maria\r2026-01-01T00:00:00Z [info     ] security kind=authentication user=admin",
    "escape sequence": "maria\x1b[2K\x1b[1A\x1b]0;title\x07",
    "control sequence of eight bits": "maria\x9b2K\x90q",
    "backspaces": "maria\b\b\b\b\badmin\x7f\x7f",
    "next line": "maria\x85admin",
    "line separator": "maria\u2028admin\u2029admin",
    "form feed": "maria\x0b\x0c\x1c\x1d\x1e\x1fadmin",
    "NUL": "maria\0admin",
    "right to left": "maria\u202enimda\u2066\u200f",
    "invisible": "maria\u200b\u2060\ufeff\U000e0041",
    "half a pair": "maria\ud800admin",
    "fields": 'maria result=succeeded user="admin"',
    "quotes": 'maria","user":"admin',
}
ORDINARY = re.compile(r"\x1b\[[0-9;]*m")


@contextmanager
def uncaptured() -> Iterator[None]:
    """Prevent pytest from capturing lines, since parallel test processes cannot exchange surrogates."""
    root = logging.getLogger()
    all_handlers = root.handlers
    root.handlers = [
        each for each in all_handlers if isinstance(each.formatter, structlog.stdlib.ProcessorFormatter)
    ]
    try:
        yield
    finally:
        root.handlers = all_handlers


class Terminal(io.StringIO):
    """A stream that claims to be a terminal, so that lines are colored."""

    def isatty(self) -> bool:
        return True


def write_all(forged: str, observability: Observability) -> int:
    """Log the text in every possible way; returns the expected number of lines."""
    structlog.get_logger().info("event", user=forged)
    with uncaptured():
        logging.getLogger("uvicorn.error").info("event %s", forged, extra={"user": forged})
        logging.getLogger("x").warning(forged)
    structlog.get_logger().info("event", user=forged, several=[forged])
    BatchLog().info("event", [{"user": forged}, {"user": forged}])
    events = observability.security_events
    events.record(
        SecurityEvent(SecurityEventKind.AUTHENTICATION, Result.FAILED, forged, forged, source_address=forged)
    )
    return 7


def assert_harmless(text: str) -> None:
    for character in text.replace("\n", ""):
        assert unicodedata.category(character) not in {"Cc", "Cf", "Cs", "Zl", "Zp"}, ascii(character)


@pytest.mark.parametrize("forged", FORGED.values(), ids=FORGED)
def test_json_has_one_line_per_event_with_texts_in_fields(start: Start, log: io.StringIO, forged: str) -> None:
    expected = write_all(forged, start(log_format="json"))
    assert_harmless(log.getvalue())
    written = log.getvalue().splitlines()
    assert len(written) == expected
    logged = [json.loads(line) for line in written]
    assert [line["user"] for line in logged if "user" in line] == [forged] * (expected - 1)
    assert {line["result"] for line in logged if "result" in line} == {"failed"}
    (event,) = [line for line in logged if line["event"] == "security"]
    assert set(event) == {"event", "kind", "result", "user", "object", "source_address", "level", "time"}


@pytest.mark.parametrize("stream", [io.StringIO, Terminal])
@pytest.mark.parametrize("forged", FORGED.values(), ids=FORGED)
def test_the_console_has_one_line_per_event_without_foreign_escape_sequences(
    start: Start, forged: str, stream: type[io.StringIO]
) -> None:
    to = stream()
    expected = write_all(forged, start(log_format="console", log_stream=to))
    text = ORDINARY.sub("", to.getvalue())
    assert_harmless(text)
    assert len(text.splitlines()) == expected
    (event,) = [line for line in text.splitlines() if re.match(r"\S+ \[warning *\] security ", line)]
    outside_quotes = re.sub(r"'(?:\\.|[^'\\])*'|\"(?:\\.|[^\"\\])*\"", "", event)
    assert outside_quotes.count("result=") == 1
    assert "result=failed" in outside_quotes


@pytest.mark.parametrize("form", ["json", "console"])
@pytest.mark.parametrize("forged", [text for name, text in FORGED.items() if name != "newline"])
def test_an_exception_message_cannot_start_a_line(start: Start, log: io.StringIO, forged: str, form: str) -> None:
    start(log_format=form)
    with uncaptured():
        logging.getLogger("x").error("failed", exc_info=ValueError(forged))
    text = log.getvalue()
    assert_harmless(text)
    assert not any(line.startswith(("admin", "2026-01-01")) for line in text.splitlines())


@pytest.mark.parametrize("form", ["json", "console"])
def test_server_log_lines_have_no_query_string(start: Start, log: io.StringIO, form: str) -> None:
    start(log_format=form)
    logging.getLogger("uvicorn.error").info(
        '%s - "WebSocket %s" [accepted]', "127.0.0.1:9", "/_nicegui_ws/socket.io/?client_id=secret&ssn=1"
    )
    assert "socket.io/" in log.getvalue()
    assert "secret" not in log.getvalue()
    assert "ssn" not in log.getvalue()


def test_every_unicode_character_is_safe_in_both_formats(start: Start, log: io.StringIO) -> None:
    everything = "".join(map(chr, range(sys.maxunicode + 1)))
    for form in ("json", "console"):
        start(log_format=form)
        logging.getLogger("x").warning("event", extra={"user": everything})
    assert_harmless(log.getvalue())
    assert len(log.getvalue().splitlines()) == 2
    assert json.loads(log.getvalue().splitlines()[0])["user"].startswith("\0\x01")
