"""Log lines: one form for all of them."""

import io
import json
import logging
import warnings
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
import structlog

from adapters.observability.logging.logs import configure_logging
from adapters.observability.observability import Observability

Start = Callable[..., Observability]
Lines = Callable[[], list[dict[str, Any]]]


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_the_standard_librarys_lines_look_like_ours(start: Start, lines: Lines) -> None:
    start()
    structlog.get_logger().info("ours", rows=3)
    logging.getLogger("uvicorn.error").info("started on %s", "port 8000", extra={"request_id": "r-1"})
    ours, theirs = lines()
    assert set(ours) == {"event", "level", "time", "rows"}
    assert theirs.pop("time")
    assert theirs == {
        "event": "started on port 8000",
        "level": "info",
        "logger": "uvicorn.error",
        "request_id": "r-1",
    }


def test_nothing_below_the_level_is_written(start: Start, lines: Lines) -> None:
    start(log_level="warning")
    for logger in (structlog.get_logger(), logging.getLogger("x")):
        logger.info("no")
        logger.warning("yes")
    assert [line["event"] for line in lines()] == ["yes", "yes"]


def test_uvicorns_own_access_lines_are_not_written(start: Start, lines: Lines) -> None:
    start()
    logging.getLogger("uvicorn.access").info('10.0.0.1 - "GET /decisions?text=Smith"')
    assert lines() == []


def test_a_traceback_shows_the_stack_and_no_more_of_a_message_than_its_first_line(
    start: Start, lines: Lines
) -> None:
    def insert(income: float) -> None:
        raise ValueError(f"the row was refused\nDETAIL: failing row contains ({income})")

    start()
    try:
        try:
            insert(50_123.0)
        except ValueError as fault:
            raise RuntimeError("not recorded") from fault
    except RuntimeError as fault:
        logging.getLogger("api").exception("failed", exc_info=fault)
        structlog.get_logger().exception("failed")
    for line in lines():
        assert "in insert" in line["exception"]
        assert "ValueError: the row was refused\n" in line["exception"]
        assert line["exception"].endswith("RuntimeError: not recorded")
        assert "50123" not in json.dumps(line)


def test_exceptions_raised_together_and_in_a_circle_are_told(start: Start, lines: Lines) -> None:
    start()
    first, second = ValueError("first"), KeyError("second")
    first.__cause__, second.__cause__ = second, first
    logging.getLogger("x").error("failed", exc_info=ExceptionGroup("both", [first, OSError()]))
    (line,) = lines()
    assert "ExceptionGroup: both" in line["exception"]
    assert "ValueError: first" in line["exception"]
    assert line["exception"].endswith("OSError")


def test_an_object_logged_by_mistake_gives_only_its_type_away(start: Start, log: io.StringIO) -> None:
    class Secret:
        def __repr__(self) -> str:
            return "50123"

    start()
    structlog.get_logger().info("oops", what=Secret(), other={1: b"\xff"})
    assert '"what":"Secret"' in log.getvalue()
    assert "50123" not in log.getvalue()


def test_what_cannot_be_written_as_json_is_no_error(start: Start, lines: Lines) -> None:
    start()
    structlog.get_logger().info("half a pair \ud800", number=float("nan"))
    assert len(lines()) == 1


def test_every_line_has_its_time_in_utc(start: Start, lines: Lines) -> None:
    start()
    for event in ("encodable", "a lone surrogate \ud800"):
        structlog.get_logger().info(event)
    assert all(line["time"].endswith("Z") for line in lines())
    assert all(datetime.fromisoformat(line["time"]).tzinfo == UTC for line in lines())


def test_warnings_are_lines_too(start: Start, lines: Lines) -> None:
    start()
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        logging.captureWarnings(capture=True)
        warnings.warn("old", DeprecationWarning, stacklevel=1)
    assert "DeprecationWarning: old" in lines()[0]["event"]


@pytest.mark.parametrize(("style", "terminal", "coloured"), [("auto", True, True), ("console", False, False)])
def test_people_get_something_to_read(
    start: Start, monkeypatch: pytest.MonkeyPatch, style: str, terminal: bool, coloured: bool
) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    stream = Terminal() if terminal else io.StringIO()
    start(log_format=style, log_stream=stream)
    structlog.get_logger().info("request", route="/loans", status=200)
    try:
        int("wrong" + "\n" + "secret")
    except ValueError:
        logging.getLogger("x").exception("failed")
    text = stream.getvalue()
    assert ("\x1b[" in text) is coloured
    assert "request" in text
    assert "ValueError: invalid literal" in text
    assert not text.startswith("{")


def test_machines_get_json_when_nobody_is_watching(start: Start, lines: Lines) -> None:
    start(log_format="auto")
    logging.getLogger("x").warning("hello")
    assert lines()[0]["event"] == "hello"


def test_configuring_twice_writes_each_line_once(start: Start, lines: Lines, log: io.StringIO) -> None:
    start()
    configure_logging("info", "json", log)
    logging.getLogger("x").info("once")
    assert len(lines()) == 1
