"""The parts of the service as processes beside us: started, waited for and stopped."""

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass

from entrypoints.configuration.settings import Settings, metrics_setting

PARENT = "--parent-pipe"
_STARTUP_SECONDS = 60.0
_DRAIN_SECONDS = 7.0


@dataclass(frozen=True, slots=True)
class Part:
    """What runs as a process of its own: how it is called, its sub-command, and where it listens, if it does.

    `ready_path` answers 200 once it works; where there is none, nobody need wait for it.
    """

    label: str
    command: tuple[str, ...]
    port: int | None
    port_variable: str
    ready_path: str | None

    @property
    def name(self) -> str:
        """The last word of the sub-command."""
        return self.command[-1]


def parts(settings: Settings) -> tuple[Part, ...]:
    """The API, the web interface and the worker."""
    return (
        Part("API", ("serve", "api"), settings.api_port, "SCORING_API_PORT", "/health/ready"),
        Part("Web interface", ("serve", "ui"), settings.ui_port, "SCORING_UI_PORT", "/login"),
        Part("worker", ("worker",), None, "", None),
    )


def ports_in_use(settings: Settings, wanted: Iterable[Part]) -> list[str]:
    """What stands in the way of listening, a line a port."""
    faults = []
    for part in wanted:
        faults.append(_in_use(settings.host, part.port, f"the {part.label}", part.port_variable))
        metrics = metrics_setting(part.name)
        port = getattr(settings, metrics.name)
        faults.append(_in_use(settings.metrics_host, port, f"metrics of the {part.label}", metrics.variable))
    return [fault for fault in faults if fault is not None]


def _in_use(host: str, port: int | None, purpose: str, variable: str) -> str | None:
    if port is None:
        return None
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as fault:
            return (
                f"port {port} on {host} cannot be used for {purpose} ({fault.strerror}); "
                f"stop what uses it, or set {variable}"
            )
    return None


class OwnProcess:
    """A part, running. It ends by itself, in good order, when we do: it holds a pipe from us.

    It makes ready as far as it can and waits there to be told where the engines are, which may be starting still.
    """

    def __init__(self, part: Part, addresses: Mapping[str, str] | None = None) -> None:
        self.part = part
        self._word = b""
        self._start()
        if addresses is not None:
            self.tell(addresses)

    def _start(self) -> None:
        reading, self._pipe = os.pipe()
        command = [sys.executable, "-m", "entrypoints.cli.main", *self.part.command, PARENT, str(reading)]
        try:
            self._process = subprocess.Popen(  # noqa: S603 - ourselves
                command,
                pass_fds=(reading,),
                start_new_session=True,  # Ctrl-C is ours to pass on, after which they drain
            )
        finally:
            os.close(reading)

    def tell(self, addresses: Mapping[str, str]) -> None:
        """Add these variables to its environment, and let it go on."""
        self._word = json.dumps(addresses).encode() + b"\n"
        self._say()

    def _say(self) -> None:
        with suppress(BrokenPipeError):  # it has ended already: `ended` says so
            os.write(self._pipe, self._word)

    @property
    def ended(self) -> int | None:
        """The exit code, once it has ended."""
        return self._process.poll()

    def restart(self) -> None:
        """Start it anew after it ended."""
        os.close(self._pipe)
        self._start()
        self._say()

    def wait_until_ready(self, host: str) -> bool:
        """Whether it answers before it ends or a minute has passed; who answers nobody is never asked."""
        path = self.part.ready_path
        if path is None:
            return self.ended is None
        deadline = time.monotonic() + _STARTUP_SECONDS
        while self.ended is None and time.monotonic() < deadline:
            if answers(reachable(host), self.part.port, path):
                return True
            time.sleep(0.02)
        return False

    def ask_to_stop(self) -> None:
        """Tell it to finish what it is doing and end."""
        if self.ended is None:
            self._process.send_signal(signal.SIGTERM)

    def wait_until_stopped(self, deadline: float) -> None:
        """Wait until it has ended, and end it by force at the deadline (on the monotonic clock)."""
        try:
            self._process.wait(max(0.1, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        os.close(self._pipe)


def answers(host: str, port: int | None, path: str) -> bool:
    """Whether somebody answers 200 there."""
    connection = http.client.HTTPConnection(host, port, timeout=5)
    try:
        connection.request("GET", path)
        return connection.getresponse().status == http.HTTPStatus.OK
    except OSError:
        return False
    finally:
        connection.close()


def stop_all(running: list[OwnProcess], notice: float = 0.0) -> None:
    """Stop them, all at once, within seven seconds after the API's notice."""
    deadline = time.monotonic() + notice + _DRAIN_SECONDS
    for process in running:
        process.ask_to_stop()
    for process in running:
        process.wait_until_stopped(deadline)


def reachable(host: str) -> str:
    """An address that a client on this machine can use for a listening address."""
    return "127.0.0.1" if host in {"0.0.0.0", ""} else host  # noqa: S104 - compared, not listened on
