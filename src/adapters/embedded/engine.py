"""What the embedded engines have in common: claim a folder, start a server over it, wait until it
answers, stop it.

Two engines can be started at once from two threads; one object can be used from any thread.
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

_START_SECONDS = 60.0  # after a crash the log is replayed first
_FOLDER_ADVICE = "It may belong to another user; SCORING_DATA_DIR names another one."
_log = logging.getLogger(__name__)


class Engine(ABC):
    """A server that lives in a sub-folder of `data_dir` and ends with this process.

    Not `durable` means that a power cut may cost data: for tests only.
    """

    name: ClassVar[str]
    room: ClassVar[str]
    wheel: ClassVar[Wheel]
    stopping: ClassVar[Stopping]

    def __init__(self, data_dir: Path, *, durable: bool = True) -> None:
        self.durable = durable
        self.folder = EngineFolder(data_dir.absolute() / self.room)
        self.url = ""
        self._process: SupervisedProcess | None = None
        self._sockets: Path | None = None
        self._guard = threading.RLock()

    @classmethod
    def running_url(cls, data_dir: Path) -> str | None:
        """The address of the engine that some process runs on this folder now, for a second command
        beside the service.
        """
        folder = EngineFolder(data_dir.absolute() / cls.room)
        owner = folder.owner()
        if owner is None or not owner.url:
            return None
        password = folder.password_if_any()  # none where an earlier release runs it
        return owner.url if password is None else cls.with_password(owner.url, password)

    @property
    def running(self) -> bool:
        """Whether the engine is up; it may have died since it was started."""
        return self._process is not None and self._process.alive

    @property
    def pid(self) -> int | None:
        """The server's process, while it runs."""
        return self._process.pid if self._process is not None and self._process.alive else None

    def start(self) -> str:
        """Start the server unless it runs, and give its address once it answers: the same each time.

        Raises EngineInUse when another process runs one on this folder, EngineUnavailable when none
        will run here.
        """
        with self._guard:
            if self.running:
                return self.url
            self.stop()
            if os.name != "posix":
                raise EngineUnavailable(self.name, "its programs are for Linux and macOS")
            try:
                self.folder.make()
                hold = self.folder.claim()
            except OSError as fault:
                raise EngineUnavailable(
                    self.name, f"its folder cannot be used: {fault}. {_FOLDER_ADVICE}"
                ) from fault
            try:
                self._start(hold)
            except OSError as fault:
                raise EngineUnavailable(self.name, str(fault)) from fault
            finally:
                os.close(hold)  # the engine holds it now, or nobody
            return self.url

    def stop(self) -> None:
        """Stop the server, within 10 s, and return when it is gone. Harmless when it does not run."""
        with self._guard:
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
    def prepare(self, program: Path, account: Account | None, hold: int, log: int) -> None:
        """Make the data folder ready for a first start, and clear away what a crash left."""

    @abstractmethod
    def command(self, program: Path, account: Account | None, sockets: Path) -> Sequence[str]:
        """The server's command line."""

    @abstractmethod
    def address(self, sockets: Path) -> str:
        """What the administrator's client is given, without the password."""

    @staticmethod
    @abstractmethod
    def with_password(address: str, password: str) -> str:
        """The same address with the password."""

    @abstractmethod
    def answers(self, pid: int, sockets: Path) -> bool:
        """Whether the server takes requests yet."""

    def _start(self, hold: int) -> None:
        began = time.monotonic()
        owner = Owner(pid=os.getpid())
        leftover = read_owner(hold).sockets
        write_owner(hold, owner)
        log = self.folder.open_log()
        since = os.fstat(log).st_size
        try:
            account = account_for(self.folder.data)
            program = self.wheel.program_for(account)
            self._forget(leftover)
            self._forget(str(self._sockets or ""))  # of a start that failed
            self.prepare(program, account, hold, log)
            sockets = self._sockets = make_socket_folder(account, self._sockets)
            write_owner(hold, replace(owner, sockets=str(sockets)))
            launch = Launch(
                command=self.command(program, account, sockets),
                account=account,
                folder=self.folder.data,
                sockets=sockets,
                stopping=self.stopping,
            )
            self._process = SupervisedProcess(launch, log=log, hold=hold)
            self._await(self._process, sockets)
            address = self.address(sockets)
            self.url = self.with_password(address, self.folder.password())
            write_owner(hold, Owner(pid=os.getpid(), url=address, sockets=str(sockets)))
        except (OSError, subprocess.SubprocessError) as fault:
            self.stop()
            raise EngineUnavailable(self.name, str(fault), log_tail=self.folder.log_tail(since)) from fault
        except BaseException:
            self.stop()
            raise
        finally:
            os.close(log)
        _log.debug("%s answers at %s after %.2f s", self.name, address, time.monotonic() - began)

    def _await(self, process: SupervisedProcess, sockets: Path) -> None:
        deadline = time.monotonic() + _START_SECONDS
        while not self.answers(process.pid, sockets):
            if not process.alive:
                raise ChildProcessError("it ended while starting")
            if time.monotonic() > deadline:
                raise TimeoutError(f"it did not answer within {_START_SECONDS:.0f} s")
            time.sleep(0.01)

    def _forget(self, sockets: str) -> None:
        """Remove the socket folder of an engine whose keeper was killed; the name comes from our own
        lock file.
        """
        if Path(sockets).name.startswith("scoring-"):
            shutil.rmtree(sockets, ignore_errors=True)


def run_once(
    command: Sequence[str], *, account: Account | None, folder: Path, hold: int, log: int, entry: str = ""
) -> None:
    """Run a helper of the engine's to its end, as its account; what it says goes to the log."""
    who = {"user": account.uid, "group": account.gid, "extra_groups": []} if account else {}
    subprocess.run(  # type: ignore[call-overload]  # noqa: S603 - programs of the wheel
        command,
        input=entry.encode(),
        stdout=log,
        stderr=log,
        cwd=folder,
        env=ENVIRONMENT,
        pass_fds=(hold,),
        start_new_session=True,
        check=True,
        timeout=_START_SECONDS,
        **who,
    )
