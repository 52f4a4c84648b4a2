"""A process started ahead waits for its parent's word, and never outlives the parent."""

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
from entrypoints.cli.processes.parent_pipe import hear_from_parent
print("waits", flush=True)
hear_from_parent(int(sys.argv[1]))
print(os.environ["WHERE"], flush=True)
time.sleep(60)
"""
pytestmark = pytest.mark.timeout(30)


@contextmanager
def child() -> Iterator[tuple[subprocess.Popen[str], int]]:
    """A process that waits, and the parent's end of its pipe."""
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


def test_it_goes_on_with_what_it_is_told_and_ends_with_the_parent() -> None:
    with child() as (process, pipe):
        word = json.dumps({"WHERE": "over there"}).encode() + b"\n"
        os.write(pipe, word[:9])
        os.write(pipe, word[9:])
        assert process.stdout is not None
        assert process.stdout.readline() == "over there\n"
        assert process.poll() is None
        os.close(pipe)
        assert process.wait(10) == -signal.SIGTERM


def test_a_parent_that_is_gone_before_it_said_anything_is_not_waited_for() -> None:
    with child() as (process, pipe):
        os.close(pipe)
        assert process.wait(10) == 1
