"""The checks of scripts/image find what must not be in an image. The script itself builds and runs a real one."""

from collections.abc import Callable
from pathlib import Path

import pytest

from harness.image_content import configuration_faults, content_faults

_FEWEST = 30
_APP = ("src", "migrations", "models", ".venv/lib/python3.13/site-packages/litestar")
_FILES = ("pyproject.toml", "README.md", "LICENSE", "requirements.lock", "requirements-uv.lock")
_CONFIGURATION = {
    "User": "10001:10001",
    "Healthcheck": {"Test": ["CMD", "scoring", "health", "api"]},
    "Labels": {
        f"org.opencontainers.image.{name}": "something"
        for name in ("title", "description", "licenses", "version", "revision", "created", "source")
    },
}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A folder that looks like an image in which nothing is wrong."""
    for folder in (*_APP, "__pycache__"):
        (tmp_path / "app" / folder if folder in _APP else tmp_path / "app/src" / folder).mkdir(parents=True)
    for name in _FILES:
        (tmp_path / "app" / name).touch()
    (tmp_path / "app/src/module.py").touch()
    _compile(tmp_path, flags=1)
    (tmp_path / "usr/bin").mkdir(parents=True)
    for number in range(_FEWEST):
        (tmp_path / "usr/bin" / f"program-{number}").touch()
    return tmp_path


def _compile(root: Path, *, flags: int) -> None:
    bytecode = root / "app/src/__pycache__/module.cpython-313.pyc"
    bytecode.write_bytes(b"\0\0\0\0" + flags.to_bytes(4, "little") + bytes(8))


def _with(path: str, mode: int = 0o644) -> Callable[[Path], None]:
    def add(root: Path) -> None:
        file = root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.touch()
        file.chmod(mode)

    return add


_UNWANTED = {
    "is setuid or setgid": _with("usr/bin/su", 0o4755),
    "is writable by everyone": _with("etc/settings", 0o666),
    "/usr/bin/gcc is a build tool": _with("usr/bin/gcc"),
    "/app/.venv/bin/pip is a build tool": _with("app/.venv/bin/pip"),
    "pip-25.1.dist-info is a build or test package": _with(
        "usr/local/lib/python3.13/site-packages/pip-25.1.dist-info/METADATA"
    ),
    "hatchling-1.33.0.dist-info is": _with(
        "app/.venv/lib/python3.13/site-packages/hatchling-1.33.0.dist-info/METADATA"
    ),
    "/var/lib/apt/lists is not empty": _with("var/lib/apt/lists/index"),
    "/root/.cache is not empty": _with("root/.cache/uv/wheel"),
    "/app/tests is missing or unexpected": _with("app/tests/test_a.py"),
    "/app/src/module.py has no bytecode": lambda root: _compile(root, flags=0),
    "only ": lambda root: [file.unlink() for file in (root / "usr/bin").iterdir()] and None,
}


def test_a_correct_image_has_no_fault(root: Path) -> None:
    assert content_faults(root, fewest=_FEWEST) == []
    assert configuration_faults(_CONFIGURATION) == []


@pytest.mark.parametrize("fault", _UNWANTED)
def test_each_unwanted_file_is_found(fault: str, root: Path) -> None:
    _UNWANTED[fault](root)
    assert any(fault in found for found in content_faults(root, fewest=_FEWEST))


@pytest.mark.parametrize("name", ["User", "Healthcheck", "Labels"])
def test_an_incomplete_configuration_is_found(name: str) -> None:
    assert configuration_faults({**_CONFIGURATION, name: None})
