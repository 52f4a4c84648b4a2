"""What is installed on a machine, so far as the numbers depend on it."""

import sys
from collections.abc import Mapping
from functools import cache
from hashlib import sha256
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

PROGRAM = "credit-scoring"
LIBRARIES = ("numpy", "polars", "numba", "dask", "distributed")
"""What loans and decisions pass through, on a worker or on their way."""
_SOURCE = Path(__file__).parents[3]
_DECIDING = ("domain", "application", "adapters/scoring")
_ABSENT = "(none)"

Release = Mapping[str, str]
"""Versions by name."""


@cache
def installed() -> Release:
    """The versions here, as this process found them first.

    The program's code is told by a digest too, since the version of a checkout tells little.
    """
    told = {"Python": f"{sys.version_info.major}.{sys.version_info.minor}"}
    told |= {name: _version(name) for name in (PROGRAM, *LIBRARIES)}
    return told | {f"code of {PROGRAM}": _digest_of_code()}


def differences(expected: Release, found: Release) -> list[str]:
    """What was found to differ, in words; nothing where the numbers will be the same."""
    return [
        f"{name} is {found.get(name, _ABSENT)}, not {wanted}"
        for name, wanted in expected.items()
        if found.get(name) != wanted
    ]


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return _ABSENT


def _digest_of_code() -> str:
    digest = sha256()
    for path in sorted(path for room in _DECIDING for path in (_SOURCE / room).rglob("*.py")):
        digest.update(path.relative_to(_SOURCE).as_posix().encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()[:12]
