"""How often Python looks for cycles while decisions are made by the thousand."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


def settle_garbage() -> None:
    """Leave alone what is there at the start, and look for cycles among some fifty requests at a time.

    A full collection would walk all that was imported, for tens of milliseconds, in vain; and a young one after
    every third request finds nothing, since answering one leaves no cycles.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 10, 10)


@contextmanager
def rarely_collecting_garbage() -> Iterator[None]:
    """Records hold no cycles; looking for some among ten thousand of them takes longer than making them."""
    usual = gc.get_threshold()
    gc.freeze()
    gc.set_threshold(500_000, 20, 100)
    try:
        yield
    finally:
        gc.set_threshold(*usual)
        gc.unfreeze()
