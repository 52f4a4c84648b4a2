"""How often Python looks for cycles while decisions are made by the thousand."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


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
