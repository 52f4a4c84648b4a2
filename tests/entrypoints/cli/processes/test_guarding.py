"""What `scoring up` does with a part that ends by itself."""

import time

from entrypoints.cli.processes.processes import OwnProcess, Part
from entrypoints.cli.processes.supervisor import _Guarded
from harness.patience import eventually


def test_what_keeps_ending_is_started_again_each_time_after_twice_the_pause() -> None:
    process = OwnProcess(Part("part", ("no such command",), None, "", None))
    guarded = _Guarded(process, pause=0.2)
    told: list[tuple[float, str]] = []

    def looked() -> int:
        if (event := guarded.look()) is not None:
            told.append((time.monotonic(), event))
        return len(told)

    eventually(lambda: looked() == 3)
    assert {event for _, event in told} == {"the part ended with code 2; starting it again"}
    assert guarded.pause == 1.6
    assert told[1][0] - told[0][0] >= 0.2
    assert told[2][0] - told[1][0] >= 0.4
    process.wait_until_stopped(time.monotonic())


def test_what_ran_for_long_is_started_again_soon() -> None:
    process = OwnProcess(Part("part", ("no such command",), None, "", None))
    guarded = _Guarded(process, pause=16.0, began=time.monotonic() - 60)
    assert guarded.look() is None
    assert guarded.pause == 0.5
    eventually(lambda: process.ended is not None)
    process.wait_until_stopped(time.monotonic())
