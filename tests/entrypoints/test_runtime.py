"""Threads share one malloc arena, as reported by the C library."""

import ctypes
import subprocess
import sys

import pytest

PROGRAM = """
import ctypes, sys, threading
from entrypoints.runtime import use_one_malloc_arena

if sys.argv[1] == "one":
    use_one_malloc_arena()
both_allocated = threading.Barrier(3)

def hold() -> None:
    held = [bytearray(5_000) for _ in range(50)]
    both_allocated.wait()

threads = [threading.Thread(target=hold) for _ in range(2)]
for thread in threads:
    thread.start()
both_allocated.wait()
library = ctypes.CDLL(None)
library.fdopen.restype = ctypes.c_void_p
report = ctypes.c_void_p(library.fdopen(1, b"w"))
library.malloc_info(0, report)
library.fflush(report)
"""


@pytest.mark.skipif(
    not hasattr(ctypes.CDLL(None), "malloc_info"), reason="only the GNU C library reports its arenas"
)
def test_threads_share_one_arena() -> None:
    def arenas(wanted: str) -> int:
        command = [sys.executable, "-c", PROGRAM, wanted]
        done = subprocess.run(command, capture_output=True, text=True, check=True, env={})  # no malloc settings
        return done.stdout.count("<heap ")

    assert arenas("one") == 1
    assert arenas("usual") > 1
