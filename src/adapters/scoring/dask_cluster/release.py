"""The installed versions on which the numbers depend."""

import sys
from collections.abc import Mapping
from functools import cache
from hashlib import sha256
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

PROGRAM = "credit-scoring"
LIBRARIES = ("numpy", "polars", "numba", "dask", "distributed")
"""Libraries that process loans and decisions on a worker or in transfer."""
_SOURCE = Path(__file__).parents[3]
_CODE_FOLDERS = ("domain", "application", "adapters/scoring")
_MISSING = "(none)"

Release = Mapping[str, str]
"""Versions by name."""


@cache
def installed_versions() -> Release:
    """The versions installed here, as first found by this process.

    A digest of the program's code is included, since the version of a checkout says little.
    """
    versions = {"Python": f"{sys.version_info.major}.{sys.version_info.minor}"}
    versions |= {name: _version(name) for name in (PROGRAM, *LIBRARIES)}
    return versions | {f"code of {PROGRAM}": _digest_of_code()}


def differences(expected: Release, found: Release) -> list[str]:
    """Descriptions of the differences; empty if the numbers will be the same."""
    return [
        f"{name} is {found.get(name, _MISSING)}, not {required}"
        for name, required in expected.items()
        if found.get(name) != required
    ]


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return _MISSING


def _digest_of_code() -> str:
    digest = sha256()
    for path in sorted(path for package in _CODE_FOLDERS for path in (_SOURCE / package).rglob("*.py")):
        digest.update(path.relative_to(_SOURCE).as_posix().encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()[:12]
