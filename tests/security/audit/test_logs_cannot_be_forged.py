"""What a stranger writes into names, headers and paths makes no line and no field of the log, in either form."""

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
    """Keep pytest from capturing lines: processes that run tests in parallel cannot exchange half a pair."""
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
    """A stream that claims to be a terminal, so that lines are coloured."""

    def isatty(self) -> bool:
        return True


def write_all(forged: str, observability: Observability) -> int:
    """Write the text in every way that a line can get it; how many lines that should be."""
    structlog.get_logger().info("told", user=forged)
    with uncaptured():
        logging.getLogger("uvicorn.error").info("told %s", forged, extra={"user": forged})
        logging.getLogger("x").warning(forged)
    structlog.get_logger().bind().info("told", user=forged, several=[forged])
    events = observability.security_events
    events.record(
        SecurityEvent(SecurityEventKind.AUTHENTICATION, Result.FAILED, forged, forged, source_address=forged)
    )
    return 5


def assert_harmless(text: str) -> None:
    for character in text.replace("\n", ""):
        assert unicodedata.category(character) not in {"Cc", "Cf", "Cs", "Zl", "Zp"}, ascii(character)


@pytest.mark.parametrize("forged", FORGED.values(), ids=FORGED)
def test_json_has_a_line_an_event_and_every_text_in_its_field(start: Start, log: io.StringIO, forged: str) -> None:
    expected = write_all(forged, start(log_format="json"))
    assert_harmless(log.getvalue())
    written = log.getvalue().splitlines()
    assert len(written) == expected
    told = [json.loads(line) for line in written]
    assert [line["user"] for line in told if "user" in line] == [forged] * (expected - 1)
    assert {line["result"] for line in told if "result" in line} == {"failed"}
    (event,) = [line for line in told if line["event"] == "security"]
    assert set(event) == {"event", "kind", "result", "user", "object", "source_address", "level", "time"}


@pytest.mark.parametrize("stream", [io.StringIO, Terminal])
@pytest.mark.parametrize("forged", FORGED.values(), ids=FORGED)
def test_the_console_has_a_line_an_event_and_no_sequence_but_its_own_colours(
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
def test_the_message_of_an_exception_starts_no_line(
    start: Start, log: io.StringIO, forged: str, form: str
) -> None:
    start(log_format=form)
    with uncaptured():
        logging.getLogger("x").error("failed", exc_info=ValueError(forged))
    text = log.getvalue()
    assert_harmless(text)
    assert not any(line.startswith(("admin", "2026-01-01")) for line in text.splitlines())


@pytest.mark.parametrize("form", ["json", "console"])
def test_the_servers_own_lines_have_no_query_string(start: Start, log: io.StringIO, form: str) -> None:
    start(log_format=form)
    logging.getLogger("uvicorn.error").info(
        '%s - "WebSocket %s" [accepted]', "127.0.0.1:9", "/_nicegui_ws/socket.io/?client_id=secret&ssn=1"
    )
    assert "socket.io/" in log.getvalue()
    assert "secret" not in log.getvalue()
    assert "ssn" not in log.getvalue()


def test_every_character_of_unicode_is_harmless_in_both_forms(start: Start, log: io.StringIO) -> None:
    everything = "".join(map(chr, range(sys.maxunicode + 1)))
    for form in ("json", "console"):
        start(log_format=form)
        logging.getLogger("x").warning("told", extra={"user": everything})
    assert_harmless(log.getvalue())
    assert len(log.getvalue().splitlines()) == 2
    assert json.loads(log.getvalue().splitlines()[0])["user"].startswith("\0\x01")
