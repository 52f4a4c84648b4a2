"""An engine's folder: its lock, data, log and password.

The lock is an flock on a file whose descriptor the engine's processes inherit: it lasts exactly as long as any of
them lives, even after `kill -9` of their parents, and a stale file cannot imitate it. The file names the process
that started the engine, and the engine's address.
"""

import contextlib
import json
import os
import re
import secrets
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path

from application.operational_error import OperationalError

if sys.platform != "win32":
    import fcntl

_SHUTDOWN_SECONDS = 15.0  # an engine whose owner died may take this long to shut down
_LOG_BYTES = 4_000_000
_PASSWORD = re.compile("[0-9a-f]{64}")
_TAIL_BYTES = 2_000


class EngineInUse(OperationalError):
    """Another live process runs an engine on this folder."""

    def __init__(self, folder: Path, pid: int) -> None:
        super().__init__(
            f"The data folder {folder} is in use by process {pid}. "
            "Stop that process, or set SCORING_DATA_DIR to another folder."
        )
        self.folder = folder
        self.pid = pid


@dataclass(frozen=True)
class Owner:
    """The process that holds a folder, and its engine's address without the password (empty until it is ready)."""

    pid: int = 0
    url: str = ""
    sockets: str = ""

    @property
    def alive(self) -> bool:
        """Whether that process exists, or another one with its reused number: only the lock is decisive."""
        if self.pid <= 0:
            return False
        try:
            os.kill(self.pid, 0)
        except ProcessLookupError:
            return False
        except PermissionError:
            return True
        return True


@dataclass(frozen=True)
class EngineFolder:
    """`data` belongs to the engine's account, everything else to the current user."""

    root: Path

    @property
    def data(self) -> Path:
        """The folder of the engine's data."""
        return self.root / "data"

    @property
    def log(self) -> Path:
        """The engine's log, of this run and earlier ones."""
        return self.root / "engine.log"

    def create(self) -> None:
        """Create the folder and its missing parents, with mode 0755."""
        missing = [folder for folder in (self.root, *self.root.parents) if not folder.exists()]
        for folder in reversed(missing):
            folder.mkdir(exist_ok=True)
            folder.chmod(0o755)

    def acquire_lock(self) -> int:
        """Lock the folder and return the lock's descriptor; waits for an engine that is shutting down."""
        lock_fd = self._open("lock")
        deadline = time.monotonic() + _SHUTDOWN_SECONDS
        while not _locked(lock_fd, fcntl.LOCK_EX):
            owner = read_owner(lock_fd)
            if owner.alive or time.monotonic() > deadline:
                os.close(lock_fd)
                raise EngineInUse(self.root, owner.pid)
            time.sleep(0.02)
        return lock_fd

    def owner(self) -> Owner | None:
        """Return the process that holds the folder, or None."""
        try:
            lock_fd = os.open(self.root / "lock", os.O_RDONLY | os.O_NOFOLLOW)
        except FileNotFoundError:
            return None
        try:
            return None if _locked(lock_fd, fcntl.LOCK_SH) else read_owner(lock_fd)
        finally:
            os.close(lock_fd)

    def password(self) -> str:
        """Return the password of the engine's administrator, from a file with mode 0600; generated on first use.

        Only the process that holds the lock may call this.
        """
        found = self.existing_password()
        if found is None:
            found = secrets.token_hex(32)
            with os.fdopen(self._open("password", os.O_TRUNC, mode=0o600), "w") as file:
                file.write(found)
                file.flush()
                os.fsync(file.fileno())
        return found

    def existing_password(self) -> str | None:
        """Return the password, or None where none exists or the current user cannot read it."""
        try:
            found = (self.root / "password").read_text()
        except (FileNotFoundError, PermissionError):
            return None
        return found if _PASSWORD.fullmatch(found) else None

    def open_log(self) -> int:
        """Open the log for appending and return its descriptor; rotates a long log first."""
        with contextlib.suppress(FileNotFoundError):
            if self.log.lstat().st_size > _LOG_BYTES:
                self.log.replace(self.log.with_suffix(".log.1"))
        descriptor = self._open("engine.log", os.O_APPEND)
        os.fchmod(descriptor, 0o600)  # database errors may quote rows
        return descriptor

    def log_tail(self, since: int) -> str:
        """Return the last lines written after this position."""
        with self.log.open("rb") as log:
            log.seek(max(since, self.log.stat().st_size - _TAIL_BYTES))
            return log.read().decode(errors="replace").strip()

    def _open(self, name: str, flags: int = 0, *, mode: int = 0o644) -> int:
        """Open a file; one that root creates in a user's folder is given to that user, who may run the service
        next.
        """
        descriptor = os.open(self.root / name, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | flags, mode)
        home = self.root.stat()
        if os.geteuid() == 0 and os.fstat(descriptor).st_uid != home.st_uid:
            os.fchown(descriptor, home.st_uid, home.st_gid)
        return descriptor


def write_owner(lock_fd: int, owner: Owner) -> None:
    """Write the lock's holder into the lock file, in place: the disk may be full."""
    written = os.pwrite(lock_fd, json.dumps(asdict(owner)).encode(), 0)
    os.ftruncate(lock_fd, written)


def read_owner(lock_fd: int) -> Owner:
    """Return the current or last holder of the lock."""
    try:
        return Owner(**json.loads(os.pread(lock_fd, 4096, 0)))
    except (ValueError, TypeError):
        return Owner()


def _locked(lock_fd: int, mode: int) -> bool:
    try:
        fcntl.flock(lock_fd, mode | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
