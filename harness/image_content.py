"""What the container image may contain: no build tools, no caches, nothing that changes or gains privileges."""

import os
import stat
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

_USER = "10001:10001"
_LABELS = ("title", "description", "licenses", "version", "revision", "created", "source")
_APP = {".venv", "src", "migrations", "models", "pyproject.toml", "README.md", "LICENSE"} | {
    "requirements.lock",
    "requirements-uv.lock",
}
_BUILD_TOOLS = {
    "pip",
    "pip3",
    "uv",
    "uvx",
    "gcc",
    "g++",
    "cc",
    "c++",
    "clang",
    "ld",
    "make",
    "cmake",
    "cargo",
    "git",
}
_BUILD_PACKAGES = ("pip", "uv", "setuptools", "hatchling", "editables", "pytest", "mypy", "ruff")
_CACHES = ("var/cache/apt", "var/lib/apt/lists", "var/log/apt", "root/.cache", "home", "usr/share/python-wheels")
_MIB = 1024 * 1024


def configuration_faults(image: Mapping[str, Any]) -> list[str]:
    """Return what is wrong with the image's configuration."""
    labels = image.get("Labels") or {}
    faults = [
        f"the label org.opencontainers.image.{name} is missing"
        for name in _LABELS
        if not labels.get(f"org.opencontainers.image.{name}")
    ]
    if image.get("User") != _USER:
        faults.append(f"the user is {image.get('User')!r}, not {_USER}")
    if not image.get("Healthcheck"):
        faults.append("there is no health check")
    return faults


def content_faults(root: Path, *, fewest: int = 1000) -> list[str]:
    """Return what must not be in the image's file system, which has at least `fewest` files."""
    faults: list[str] = []
    count = 0
    for path, status in _files(root):
        count += 1
        name = "/" + path.relative_to(root).as_posix()
        mode = status.st_mode
        if stat.S_ISREG(mode) and mode & (stat.S_ISUID | stat.S_ISGID):
            faults.append(f"{name} is setuid or setgid")
        sticky_folder = stat.S_ISDIR(mode) and mode & stat.S_ISVTX
        if mode & stat.S_IWOTH and (stat.S_ISREG(mode) or stat.S_ISDIR(mode)) and not sticky_folder:
            faults.append(f"{name} is writable by everyone")
        if status.st_uid == 10001 or status.st_gid == 10001:
            faults.append(f"{name} belongs to the service's user, who could change it")
        if path.parent.name in {"bin", "sbin"} and path.name in _BUILD_TOOLS:
            faults.append(f"{name} is a build tool")
    if count < fewest:
        faults.append(f"only {count} files were found in {root}: is it the image's root?")
    faults += [f"/{folder} is not empty" for folder in _CACHES if _has_files(root / folder)]
    for package in _BUILD_PACKAGES:
        faults += [
            f"/{found.relative_to(root)} is a build or test package"
            for pattern in ("usr/local/lib", "usr/lib/python3", "app/.venv/lib")
            for found in (root / pattern).rglob(f"{package}-*.dist-info")
        ]
    faults += [
        f"/{file.relative_to(root)} has no bytecode, so every start compiles it" for file in _uncompiled(root)
    ]
    unexpected = {entry.name for entry in (root / "app").iterdir()} ^ _APP
    faults += [f"/app/{name} is missing or unexpected" for name in sorted(unexpected)]
    return faults


def sizes(root: Path) -> dict[str, float]:
    """Return the size in MiB of the whole image, and of its parts that are larger than 5 MiB."""
    parts = {"total": 0.0}
    for path, status in _files(root):
        if not stat.S_ISREG(status.st_mode):
            continue
        size = status.st_size / _MIB
        parts["total"] += size
        name = _part(path.relative_to(root))
        parts[name] = parts.get(name, 0.0) + size
    return {name: size for name, size in sorted(parts.items(), key=lambda part: -part[1]) if size > 5}


def _part(path: Path) -> str:
    if "site-packages" in path.parts:
        after = path.parts.index("site-packages") + 1
        return "/".join(("site-packages", *path.parts[after : after + 1]))
    return "/" + "/".join(path.parts[:2])


def _files(root: Path) -> Iterator[tuple[Path, os.stat_result]]:
    for folder, folders, files in os.walk(root):
        for name in (*folders, *files):
            path = Path(folder) / name
            yield path, path.lstat()


def _uncompiled(root: Path) -> list[Path]:
    """Return the service's modules without bytecode that is used regardless of the times of files."""

    def is_compiled(source: Path) -> bool:
        found = list(source.parent.glob(f"__pycache__/{source.stem}.*.pyc"))
        return bool(found) and all(int.from_bytes(file.read_bytes()[4:8], "little") == 1 for file in found)

    packages = [root / "app" / "src", *(root / "app/.venv/lib").glob("python3*/site-packages/litestar")]
    return [file for package in packages for file in sorted(package.rglob("*.py")) if not is_compiled(file)]


def _has_files(folder: Path) -> bool:
    return any(path.is_file() for path in folder.rglob("*")) if folder.exists() else False
