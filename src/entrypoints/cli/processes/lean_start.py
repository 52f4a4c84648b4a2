"""Starting a face with only what it needs.

Libraries pick up whatever else is installed, and NiceGUI brings much: dependency-injector would import FastAPI for
a wiring that is not used, Litestar pydantic, structlog rich. For the API that would be a tenth of its start and of
its memory.
"""

import gc
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.abc import MetaPathFinder
from types import ModuleType

_NOT_FOR = {"api": frozenset({"fastapi", "pydantic", "rich"}), "ui": frozenset[str]()}


class _OutOfSight(MetaPathFinder):
    """Makes some packages look as if they were not installed."""

    def __init__(self, packages: frozenset[str]) -> None:
        self._packages = packages

    def find_spec(self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None) -> None:  # noqa: ARG002 - Python's signature
        """Refuse these packages; leave every other to the finders after us."""
        if fullname in self._packages:
            raise ModuleNotFoundError(f"{fullname} is kept out of sight while the API starts", name=fullname)


@contextmanager
def lean_start(face: str) -> Iterator[None]:
    """Import a face and put it together in here: without what it does not need, or a look for garbage.

    Imports make objects that stay: looking among them for cycles is a tenth of the start.
    """
    out_of_sight = _OutOfSight(_NOT_FOR[face])
    sys.meta_path.insert(0, out_of_sight)
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
        sys.meta_path.remove(out_of_sight)
