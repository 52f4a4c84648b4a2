"""The base class of embedded engines: lock a folder, start a server on it, wait until it is ready, stop it.

Engines may be started concurrently from several threads, and an engine may be used from any thread.
"""

import logging
import os
import shutil
import subprocess
import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import ClassVar, Self

from adapters.embedded.account import Account, account_for
from adapters.embedded.binaries import Wheel
from adapters.embedded.folder import EngineFolder, Owner, read_owner, write_owner
from adapters.embedded.sockets import make_socket_folder
from adapters.embedded.supervised_process import ENVIRONMENT, Launch, Stopping, SupervisedProcess
from adapters.embedded.unavailable import EngineUnavailable

_START_SECONDS = 60.0  # includes recovery after a crash
_FOLDER_ADVICE = "It may belong to another user; set SCORING_DATA_DIR to another folder."
_log = logging.getLogger(__name__)


class Engine(ABC):
    """A server whose data are in a subfolder of `data_dir` and which ends with this process.

    Without `durable`, a power cut may lose data: for tests only.
    """

    name: ClassVar[str]
    subfolder: ClassVar[str]
    wheel: ClassVar[Wheel]
    stopping: ClassVar[Stopping]

    def __init__(self, data_dir: Path, *, durable: bool = True) -> None:
        self.durable = durable
        self.folder = EngineFolder(data_dir.absolute() / self.subfolder)
        self.url = ""
        self._process: SupervisedProcess | None = None
        self._sockets: Path | None = None
        self._lock = threading.RLock()

    @classmethod
    def exists(cls, data_dir: Path) -> bool:
        """Whether the server has data in the folder, running or not."""
        return (data_dir / cls.subfolder).is_dir()

    @classmethod
    def running_url(cls, data_dir: Path) -> str | None:
        """Return the address of the engine that another process runs on this folder, or None."""
        folder = EngineFolder(data_dir.absolute() / cls.subfolder)
        owner = folder.owner()
        if owner is None or not owner.url:
            return None
        password = folder.existing_password()  # None where an earlier release runs it
        return owner.url if password is None else cls.with_password(owner.url, password)

    @property
    def running(self) -> bool:
        """Whether the engine runs; it may have died since its start."""
        return self._process is not None and self._process.alive

    @property
    def pid(self) -> int | None:
        """The server's process identifier while it runs."""
        return self._process.pid if self._process is not None and self._process.alive else None

    def start(self) -> str:
        """Start the server unless it runs, and return its address once it is ready; the address never changes.

        Raises EngineInUse where another process runs an engine on this folder, EngineUnavailable where it cannot
        run.
        """
        with self._lock:
            if self.running:
                return self.url
            self.stop()
            if os.name != "posix":
                raise EngineUnavailable(self.name, "its programs are for Linux and macOS")
            try:
                self.folder.create()
                lock_fd = self.folder.acquire_lock()
            except OSError as error:
                raise EngineUnavailable(
                    self.name, f"its folder cannot be used: {error}. {_FOLDER_ADVICE}"
                ) from error
            try:
                self._start(lock_fd)
            except OSError as error:
                raise EngineUnavailable(self.name, str(error)) from error
            finally:
                os.close(lock_fd)  # the engine's processes have inherited the lock
            return self.url

    def stop(self) -> None:
        """Stop the server within 10 s and wait for its end; do nothing where it does not run."""
        with self._lock:
            if self._process is not None:
                self._process.stop()
                self._process = None
                self.url = ""

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    @abstractmethod
    def prepare(self, program: Path, account: Account | None, lock_fd: int, log: int) -> None:
        """Create the data folder if needed, and remove leftovers of a crash."""

    @abstractmethod
    def command(self, program: Path, account: Account | None, sockets: Path) -> Sequence[str]:
        """Return the server's command line."""

    @abstractmethod
    def address(self, sockets: Path) -> str:
        """Return the administrator's address, without the password."""

    @staticmethod
    @abstractmethod
    def with_password(address: str, password: str) -> str:
        """Return the address with the password inserted."""

    @abstractmethod
    def is_ready(self, pid: int, sockets: Path) -> bool:
        """Return whether the server accepts requests."""

    def start_seconds(self) -> float:
        """Return the time in seconds that a start may take."""
        return _START_SECONDS

    def _start(self, lock_fd: int) -> None:
        began = time.monotonic()
        owner = Owner(pid=os.getpid())
        stale_sockets = read_owner(lock_fd).sockets
        write_owner(lock_fd, owner)
        log = self.folder.open_log()
        log_start = os.fstat(log).st_size
        try:
            account = account_for(self.folder.data)
            program = self.wheel.program_for(account)
            self._remove_socket_folder(stale_sockets)
            self._remove_socket_folder(str(self._sockets or ""))  # of an earlier failed start
            self.prepare(program, account, lock_fd, log)
            sockets = self._sockets = make_socket_folder(account, self._sockets)
            write_owner(lock_fd, replace(owner, sockets=str(sockets)))
            launch = Launch(
                command=self.command(program, account, sockets),
                account=account,
                folder=self.folder.data,
                sockets=sockets,
                stopping=self.stopping,
            )
            self._process = SupervisedProcess(launch, log=log, lock_fd=lock_fd)
            self._wait_until_ready(self._process, sockets)
            address = self.address(sockets)
            self.url = self.with_password(address, self.folder.password())
            write_owner(lock_fd, Owner(pid=os.getpid(), url=address, sockets=str(sockets)))
        except (OSError, subprocess.SubprocessError) as error:
            self.stop()
            raise EngineUnavailable(self.name, str(error), log_tail=self.folder.log_tail(log_start)) from error
        except BaseException:
            self.stop()
            raise
        finally:
            os.close(log)
        _log.debug("%s is ready at %s after %.2f s", self.name, address, time.monotonic() - began)

    def _wait_until_ready(self, process: SupervisedProcess, sockets: Path) -> None:
        deadline = time.monotonic() + self.start_seconds()
        while not self.is_ready(process.pid, sockets):
            if not process.alive:
                raise ChildProcessError("the server ended during its start")
            if time.monotonic() > deadline:
                raise TimeoutError(f"the server was not ready within {self.start_seconds():.0f} s")
            time.sleep(0.01)

    def _remove_socket_folder(self, sockets: str) -> None:
        """Remove the socket folder of an engine whose supervisor was killed; the lock file names it."""
        if Path(sockets).name.startswith("scoring-"):
            shutil.rmtree(sockets, ignore_errors=True)


def run_helper(
    command: Sequence[str], *, account: Account | None, folder: Path, lock_fd: int, log: int, stdin: str = ""
) -> None:
    """Run a program of the engine under its account and wait for its end; its output goes to the log."""
    credentials = {"user": account.uid, "group": account.gid, "extra_groups": []} if account else {}
    subprocess.run(  # type: ignore[call-overload]  # noqa: S603 - programs of the wheel
        command,
        input=stdin.encode(),
        stdout=log,
        stderr=log,
        cwd=folder,
        env=ENVIRONMENT,
        pass_fds=(lock_fd,),
        start_new_session=True,
        check=True,
        timeout=_START_SECONDS,
        **credentials,
    )
