"""The embedded engines on TCP ports of this machine, for processes that cannot reach Unix sockets: containers."""

from collections.abc import Sequence
from pathlib import Path

from adapters.embedded import EmbeddedPostgres, EmbeddedValkey
from adapters.embedded.account import Account
from harness.running_service import free_ports

_HBA = "local all all scram-sha-256\nhost all all 127.0.0.1/32 scram-sha-256\n"


class TcpPostgres(EmbeddedPostgres):
    """PostgreSQL on a free port of 127.0.0.1, where every role needs its password."""

    def __init__(self, data_dir: Path) -> None:
        super().__init__(data_dir, durable=False)
        (self.port,) = free_ports(1)

    def command(self, program: Path, account: Account | None, sockets: Path) -> Sequence[str]:
        """Return the embedded server's command line with a port and rules for it."""
        rules = self.folder.data / "tcp_hba.conf"
        rules.write_text(_HBA)
        rules.chmod(0o644)
        command = super().command(program, account, sockets)
        folder = command[command.index("-D") + 1]
        added = {"listen_addresses": "127.0.0.1", "port": self.port, "hba_file": f"{folder}/{rules.name}"}
        return (*command, *(part for name, value in added.items() for part in ("-c", f"{name}={value}")))

    def address(self, sockets: Path) -> str:
        """Return the owner's address on the Unix socket, whose name has the port."""
        return f"postgresql://scoring@/scoring?host={sockets}&port={self.port}"

    def tcp_url(self, role: str = "scoring", password: str = "") -> str:
        """Return the address of a role on the port; by default the owner's."""
        return f"postgresql://{role}:{password or self.folder.password()}@127.0.0.1:{self.port}/scoring"


class TcpValkey(EmbeddedValkey):
    """Valkey on a free port of 127.0.0.1, for the service's user with its limited rights."""

    def __init__(self, data_dir: Path) -> None:
        super().__init__(data_dir, durable=False)
        (self.port,) = free_ports(1)

    def command(self, program: Path, account: Account | None, sockets: Path) -> Sequence[str]:
        """Return the embedded server's command line with a port."""
        return (*super().command(program, account, sockets), "--bind", "127.0.0.1", "--port", str(self.port))

    @property
    def tcp_url(self) -> str:
        """The address of the service's user on the port."""
        credentials = self.service_address(self.url).removeprefix("unix://").rpartition("@")[0]
        return f"redis://{credentials}@127.0.0.1:{self.port}/0"
