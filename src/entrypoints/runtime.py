"""Settings of Python's garbage collector and of the C library's allocator, for throughput and memory."""

import ctypes
import gc
from collections.abc import Iterator
from contextlib import contextmanager

_ARENA_MAX = -8  # M_ARENA_MAX in malloc.h of the GNU C library


def tune_garbage_collection() -> None:
    """Exclude the objects present at the start from collections, and collect about every fifty requests.

    A full collection would traverse everything that was imported, which takes tens of milliseconds; answering a
    request leaves no cycles, so that the default, a young collection every third request, finds nothing.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 10, 10)


@contextmanager
def infrequent_garbage_collection() -> Iterator[None]:
    """Collect rarely: records contain no cycles, and a collection among 10,000 records takes longer than
    creating them.
    """
    thresholds = gc.get_threshold()
    gc.freeze()
    gc.set_threshold(500_000, 20, 100)
    try:
        yield
    finally:
        gc.set_threshold(*thresholds)
        gc.unfreeze()


def use_one_malloc_arena() -> None:
    """Make all threads that start from now on allocate from one arena; only the GNU C library has more.

    One thread frees what another allocated, chunk after chunk. Separate arenas would each keep their peak, a fifth
    of the memory that a file of a million rows takes, and make no thread faster.
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        mallopt(_ARENA_MAX, 1)
