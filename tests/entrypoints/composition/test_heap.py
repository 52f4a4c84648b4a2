"""One heap for all threads, asked of the C library itself."""

import ctypes
import subprocess
import sys

import pytest

HEAPS = """
import ctypes, sys, threading
from entrypoints.composition.heap import keep_one_heap

if sys.argv[1] == "one":
    keep_one_heap()
both_there = threading.Barrier(3)

def hold() -> None:
    held = [bytearray(5_000) for _ in range(50)]
    both_there.wait()

threads = [threading.Thread(target=hold) for _ in range(2)]
for thread in threads:
    thread.start()
both_there.wait()
library = ctypes.CDLL(None)
library.fdopen.restype = ctypes.c_void_p
told = ctypes.c_void_p(library.fdopen(1, b"w"))
library.malloc_info(0, told)
library.fflush(told)
"""


@pytest.mark.skipif(
    not hasattr(ctypes.CDLL(None), "malloc_info"), reason="only the GNU C library tells of its heaps"
)
def test_threads_share_a_heap_once_asked_to() -> None:
    def heaps(wanted: str) -> int:
        command = [sys.executable, "-c", HEAPS, wanted]
        done = subprocess.run(
            command, capture_output=True, text=True, check=True, env={}
        )  # none that speaks of heaps
        return done.stdout.count("<heap ")

    assert heaps("one") == 1
    assert heaps("usual") > 1
