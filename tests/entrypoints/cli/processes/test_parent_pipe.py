"""A process that is started early waits for its parent's message, and never outlives the parent."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

PROGRAM = """
import os, sys, time
from entrypoints.cli.processes.parent_pipe import wait_for_parent
print("waits", flush=True)
wait_for_parent(int(sys.argv[1]))
print(os.environ["WHERE"], flush=True)
time.sleep(60)
"""
pytestmark = pytest.mark.timeout(30)


@contextmanager
def child() -> Iterator[tuple[subprocess.Popen[str], int]]:
    """A waiting process, and the parent's end of its pipe."""
    reading, writing = os.pipe()
    command = [sys.executable, "-c", PROGRAM, str(reading)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, pass_fds=(reading,)) as process:
        os.close(reading)
        try:
            assert process.stdout is not None
            assert process.stdout.readline() == "waits\n"
            yield process, writing
        finally:
            process.kill()


def test_it_continues_with_the_parents_variables_and_exits_with_the_parent() -> None:
    with child() as (process, pipe):
        message = json.dumps({"WHERE": "somewhere"}).encode() + b"\n"
        os.write(pipe, message[:9])
        os.write(pipe, message[9:])
        assert process.stdout is not None
        assert process.stdout.readline() == "somewhere\n"
        assert process.poll() is None
        os.close(pipe)
        assert process.wait(10) == -signal.SIGTERM


def test_it_exits_where_the_parent_ended_before_sending_anything() -> None:
    with child() as (process, pipe):
        os.close(pipe)
        assert process.wait(10) == 1
