"""An engine's own folder: who holds it, where its data and its log are.

The hold is a lock on a file (flock) which the engine's processes inherit: it lasts exactly as long as
any of them lives, after a `kill -9` of all their parents too, and no stale file can fake it. Beside it
stands who started the engine, and its address.
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

_LEAVING_SECONDS = 15.0  # how long an engine whose owner died may take to shut down
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
    """Who holds a folder, and at which address, without its password, its engine answers once it is up."""

    pid: int = 0
    url: str = ""
    sockets: str = ""

    @property
    def alive(self) -> bool:
        """Whether that process still exists (a stranger with a recycled number counts: the lock
        decides, not this).
        """
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
    """`data` belongs to the engine's account, everything else to us."""

    root: Path

    @property
    def data(self) -> Path:
        """Where the engine keeps what must last."""
        return self.root / "data"

    @property
    def log(self) -> Path:
        """What the engine says, this run and earlier ones."""
        return self.root / "engine.log"

    def make(self) -> None:
        """Create what is missing on the way here, open for others to pass through but not to write."""
        missing = [folder for folder in (self.root, *self.root.parents) if not folder.exists()]
        for folder in reversed(missing):
            folder.mkdir(exist_ok=True)
            folder.chmod(0o755)

    def claim(self) -> int:
        """Hold the folder for this process: the descriptor of the lock. Waits for an engine that is on
        its way out.
        """
        hold = self._open("lock")
        deadline = time.monotonic() + _LEAVING_SECONDS
        while not _locked(hold, fcntl.LOCK_EX):
            owner = read_owner(hold)
            if owner.alive or time.monotonic() > deadline:
                os.close(hold)
                raise EngineInUse(self.root, owner.pid)
            time.sleep(0.02)
        return hold

    def owner(self) -> Owner | None:
        """Who holds the folder now; None when nobody does."""
        try:
            hold = os.open(self.root / "lock", os.O_RDONLY | os.O_NOFOLLOW)
        except FileNotFoundError:
            return None
        try:
            return None if _locked(hold, fcntl.LOCK_SH) else read_owner(hold)
        finally:
            os.close(hold)

    def password(self) -> str:
        """The password of the engine's administrator, which only we can read; made on the first use.

        To be called by whoever holds the folder, so that there is one.
        """
        found = self.password_if_any()
        if found is None:
            found = secrets.token_hex(32)
            with os.fdopen(self._open("password", os.O_TRUNC, mode=0o600), "w") as file:
                file.write(found)
                file.flush()
                os.fsync(file.fileno())
        return found

    def password_if_any(self) -> str | None:
        """The same for a second command; None where there is none yet, or it is not ours to read."""
        try:
            found = (self.root / "password").read_text()
        except (FileNotFoundError, PermissionError):
            return None
        return found if _PASSWORD.fullmatch(found) else None

    def open_log(self) -> int:
        """The log's descriptor, at its end; a log that has grown long is set aside first."""
        with contextlib.suppress(FileNotFoundError):
            if self.log.lstat().st_size > _LOG_BYTES:
                self.log.replace(self.log.with_suffix(".log.1"))
        descriptor = self._open("engine.log", os.O_APPEND)
        os.fchmod(descriptor, 0o600)  # errors of a database quote rows
        return descriptor

    def log_tail(self, since: int) -> str:
        """The last lines written after this position."""
        with self.log.open("rb") as log:
            log.seek(max(since, self.log.stat().st_size - _TAIL_BYTES))
            return log.read().decode(errors="replace").strip()

    def _open(self, name: str, flags: int = 0, *, mode: int = 0o644) -> int:
        """Ours to write: a new one made by root in somebody's folder goes to that somebody, who may run
        us next.
        """
        descriptor = os.open(self.root / name, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | flags, mode)
        home = self.root.stat()
        if os.geteuid() == 0 and os.fstat(descriptor).st_uid != home.st_uid:
            os.fchown(descriptor, home.st_uid, home.st_gid)
        return descriptor


def write_owner(hold: int, owner: Owner) -> None:
    """Set down who holds the lock, where others can read it; over what stood there, for the disk may be full."""
    written = os.pwrite(hold, json.dumps(asdict(owner)).encode(), 0)
    os.ftruncate(hold, written)


def read_owner(hold: int) -> Owner:
    """Who holds the lock, or held it last."""
    try:
        return Owner(**json.loads(os.pread(hold, 4096, 0)))
    except (ValueError, TypeError):
        return Owner()


def _locked(hold: int, mode: int) -> bool:
    try:
        fcntl.flock(hold, mode | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
