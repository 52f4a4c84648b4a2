"""`scoring up` restarts a process that exits by itself."""

import json
import time

from domain.products.personal_loan import PERSONAL_LOAN
from entrypoints.cli.processes.processes import ChildProcess, ServiceProcess
from entrypoints.cli.processes.supervisor import _Supervised, example_request
from harness.polling import eventually


def test_a_process_that_keeps_exiting_is_restarted_with_a_doubling_backoff() -> None:
    child = ChildProcess(ServiceProcess("process", ("no such command",), None, "", None))
    supervised = _Supervised(child, backoff=0.2)
    events: list[tuple[float, str]] = []

    def events_seen() -> int:
        if (event := supervised.restart_if_exited()) is not None:
            events.append((time.monotonic(), event))
        return len(events)

    eventually(lambda: events_seen() == 3)
    assert {event for _, event in events} == {"the process exited with code 2; restarting it"}
    assert supervised.backoff == 1.6
    assert events[1][0] - events[0][0] >= 0.2
    assert events[2][0] - events[1][0] >= 0.4
    child.wait_until_stopped(time.monotonic())


def test_a_process_that_ran_for_long_is_restarted_soon() -> None:
    child = ChildProcess(ServiceProcess("process", ("no such command",), None, "", None))
    supervised = _Supervised(child, backoff=16.0, started=time.monotonic() - 60)
    assert supervised.restart_if_exited() is None
    assert supervised.backoff == 0.5
    eventually(lambda: child.exit_code is not None)
    child.wait_until_stopped(time.monotonic())


def test_the_printed_example_is_the_product_s_in_one_line() -> None:
    printed = example_request(PERSONAL_LOAN)
    assert json.loads(printed) == PERSONAL_LOAN.example
    assert printed.startswith('{"annual_inc": 50000, "emp_length": "5 years"')
