"""dependency-injector, without what its wiring would bring along.

Its wiring, which is not used here, imports FastAPI wherever that is installed, and NiceGUI brings it: a sixth of
the API's start, for nothing. So FastAPI is out of sight while dependency-injector is imported.
"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def _out_of_sight(package: str) -> Iterator[None]:
    if package in sys.modules:
        yield
        return
    sys.modules[package] = None  # type: ignore[assignment] # what Python itself takes for "cannot be imported"
    try:
        yield
    finally:
        del sys.modules[package]


with _out_of_sight("fastapi"):
    from dependency_injector import containers, providers

__all__ = ["containers", "providers"]
