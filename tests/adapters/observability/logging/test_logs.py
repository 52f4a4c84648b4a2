"""Log lines of structlog and of the standard library have one format."""

import io
import json
import logging
import warnings
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
import structlog

from adapters.observability.logging.logs import BatchLog, configure_logging
from adapters.observability.observability import Observability

Start = Callable[..., Observability]
Lines = Callable[[], list[dict[str, Any]]]


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_records_of_the_standard_library_have_the_same_format(start: Start, lines: Lines) -> None:
    start()
    structlog.get_logger().info("own event", rows=3)
    logging.getLogger("uvicorn.error").info("started on %s", "port 8000", extra={"request_id": "r-1"})
    structlog_line, logging_line = lines()
    assert set(structlog_line) == {"event", "level", "time", "rows"}
    assert logging_line.pop("time")
    assert logging_line == {
        "event": "started on port 8000",
        "level": "info",
        "logger": "uvicorn.error",
        "request_id": "r-1",
    }


def test_lines_below_the_level_are_dropped(start: Start, lines: Lines) -> None:
    start(log_level="warning")
    for logger in (structlog.get_logger(), logging.getLogger("x")):
        logger.info("no")
        logger.warning("yes")
    assert [line["event"] for line in lines()] == ["yes", "yes"]


def test_uvicorns_access_lines_are_dropped(start: Start, lines: Lines) -> None:
    start()
    logging.getLogger("uvicorn.access").info('10.0.0.1 - "GET /decisions?text=Smith"')
    assert lines() == []


def test_a_traceback_holds_the_stack_and_only_the_first_line_of_messages(start: Start, lines: Lines) -> None:
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


def test_exception_groups_and_circular_causes_are_logged(start: Start, lines: Lines) -> None:
    start()
    first, second = ValueError("first"), KeyError("second")
    first.__cause__, second.__cause__ = second, first
    logging.getLogger("x").error("failed", exc_info=ExceptionGroup("both", [first, OSError()]))
    (line,) = lines()
    assert "ExceptionGroup: both" in line["exception"]
    assert "ValueError: first" in line["exception"]
    assert line["exception"].endswith("OSError")


def test_only_the_type_of_an_arbitrary_object_is_logged(start: Start, log: io.StringIO) -> None:
    class Secret:
        def __repr__(self) -> str:
            return "50123"

    start()
    structlog.get_logger().info("oops", what=Secret(), other={1: b"\xff"})
    assert '"what":"Secret"' in log.getvalue()
    assert "50123" not in log.getvalue()


def test_text_that_json_cannot_encode_is_logged(start: Start, lines: Lines) -> None:
    start()
    structlog.get_logger().info("a lone surrogate \ud800", number=float("nan"))
    assert len(lines()) == 1


def test_every_line_has_its_time_in_utc(start: Start, lines: Lines) -> None:
    start()
    for event in ("encodable", "a lone surrogate \ud800"):
        structlog.get_logger().info(event)
    assert all(line["time"].endswith("Z") for line in lines())
    assert all(datetime.fromisoformat(line["time"]).tzinfo == UTC for line in lines())


def test_the_lines_of_a_batch_are_those_of_single_calls(start: Start, lines: Lines) -> None:
    start()
    fields = [{"number": 1}, {"text": "a lone surrogate \ud800"}, {"number": 3}]
    for each in fields:
        structlog.get_logger().info("request", **each)
    BatchLog().info("request", [dict(each) for each in fields])
    without_time = [{name: line[name] for name in line.keys() - {"time"}} for line in lines()]
    assert without_time[:3] == without_time[3:]
    assert all(datetime.fromisoformat(line["time"]).tzinfo == UTC for line in lines())


@pytest.mark.parametrize("style", ["json", "console"])
def test_a_batch_below_the_level_is_dropped(start: Start, log: io.StringIO, style: str) -> None:
    start(log_level="warning", log_format=style)
    BatchLog().info("request", [{"number": 1}])
    assert log.getvalue() == ""


def test_an_empty_batch_writes_nothing(start: Start, log: io.StringIO) -> None:
    start()
    BatchLog().info("request", [])
    assert log.getvalue() == ""


def test_a_batch_is_readable_on_the_console(start: Start, log: io.StringIO) -> None:
    start(log_format="console")
    BatchLog().info("request", [{"number": 1}, {"number": 2}])
    assert len(log.getvalue().splitlines()) == 2


def test_warnings_are_logged(start: Start, lines: Lines) -> None:
    start()
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        logging.captureWarnings(capture=True)
        warnings.warn("old", DeprecationWarning, stacklevel=1)
    assert "DeprecationWarning: old" in lines()[0]["event"]


@pytest.mark.parametrize(("style", "terminal", "colored"), [("auto", True, True), ("console", False, False)])
def test_the_console_format_is_for_people(
    start: Start, monkeypatch: pytest.MonkeyPatch, style: str, terminal: bool, colored: bool
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
    assert ("\x1b[" in text) is colored
    assert "request" in text
    assert "ValueError: invalid literal" in text
    assert not text.startswith("{")


def test_the_format_is_json_without_a_terminal(start: Start, lines: Lines) -> None:
    start(log_format="auto")
    logging.getLogger("x").warning("hello")
    assert lines()[0]["event"] == "hello"


def test_a_second_configuration_does_not_duplicate_lines(start: Start, lines: Lines, log: io.StringIO) -> None:
    start()
    configure_logging("info", "json", log)
    logging.getLogger("x").info("once")
    assert len(lines()) == 1
