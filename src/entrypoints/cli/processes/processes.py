"""The processes of the service as children of this one: started, awaited and stopped."""

import http.client
import json
import os
import signal
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass

from entrypoints.configuration.settings import Settings, metrics_setting

PARENT_PIPE = "--parent-pipe"
_STARTUP_SECONDS = 60.0
_STOP_SECONDS = 7.0


@dataclass(frozen=True, slots=True)
class ServiceProcess:
    """A process of the service: its label, its subcommand, and the port it listens on, if any.

    `ready_path` answers 200 once the process is ready; None for a process that serves no requests.
    """

    label: str
    command: tuple[str, ...]
    port: int | None
    port_variable: str
    ready_path: str | None

    @property
    def name(self) -> str:
        """The last word of the subcommand: "api", "ui" or "worker"."""
        return self.command[-1]


def service_processes(settings: Settings) -> tuple[ServiceProcess, ...]:
    """The API, the web interface and the worker."""
    return (
        ServiceProcess("API", ("serve", "api"), settings.api_port, "SCORING_API_PORT", "/health/ready"),
        ServiceProcess("web interface", ("serve", "ui"), settings.ui_port, "SCORING_UI_PORT", "/login"),
        ServiceProcess("worker", ("worker",), None, "", None),
    )


def ports_in_use(settings: Settings, processes: Iterable[ServiceProcess]) -> list[str]:
    """Describe every port that cannot be listened on."""
    faults = []
    for process in processes:
        faults.append(_in_use(settings.host, process.port, f"the {process.label}", process.port_variable))
        metrics = metrics_setting(process.name)
        port = getattr(settings, metrics.name)
        faults.append(_in_use(settings.metrics_host, port, f"metrics of the {process.label}", metrics.variable))
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
                f"stop the process that uses it, or set {variable}"
            )
    return None


class ChildProcess:
    """A running process of the service, which exits gracefully when this process ends: it holds a pipe from it.

    It starts importing immediately, and waits for `send_addresses` while the engines may still be starting.
    """

    def __init__(self, process: ServiceProcess, addresses: Mapping[str, str] | None = None) -> None:
        self.process = process
        self._message = b""
        self._start()
        if addresses is not None:
            self.send_addresses(addresses)

    def _start(self) -> None:
        reading, self._pipe = os.pipe()
        command = [sys.executable, "-m", "entrypoints.cli.main", *self.process.command, PARENT_PIPE, str(reading)]
        try:
            self._popen = subprocess.Popen(  # noqa: S603 - this program
                command,
                pass_fds=(reading,),
                start_new_session=True,  # Ctrl-C reaches only this process, which stops the others
            )
        finally:
            os.close(reading)

    def send_addresses(self, addresses: Mapping[str, str]) -> None:
        """Send environment variables, for which the process waits before it starts to work."""
        self._message = json.dumps(addresses).encode() + b"\n"
        self._send()

    def _send(self) -> None:
        with suppress(BrokenPipeError):  # it has exited already, as `exit_code` shows
            os.write(self._pipe, self._message)

    @property
    def exit_code(self) -> int | None:
        """The exit code; None while the process runs."""
        return self._popen.poll()

    def restart(self) -> None:
        """Start the process again after it exited."""
        os.close(self._pipe)
        self._start()
        self._send()

    def wait_until_ready(self, host: str, *, https: bool) -> bool:
        """Return False where the process exits, or is not ready within a minute."""
        path = self.process.ready_path
        if path is None:
            return self.exit_code is None
        deadline = time.monotonic() + _STARTUP_SECONDS
        while self.exit_code is None and time.monotonic() < deadline:
            if responds_ok(client_host(host), self.process.port, path, https=https):
                return True
            time.sleep(0.02)
        return False

    def request_stop(self) -> None:
        """Ask the process to finish its work and exit."""
        if self.exit_code is None:
            self._popen.send_signal(signal.SIGTERM)

    def wait_until_stopped(self, deadline: float) -> None:
        """Wait until the process has exited, and kill it at the deadline (on the monotonic clock)."""
        try:
            self._popen.wait(max(0.1, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            self._popen.kill()
            self._popen.wait()
        os.close(self._pipe)


def responds_ok(host: str, port: int | None, path: str, *, https: bool) -> bool:
    """Whether a GET request is answered with status 200."""
    connection = http.client.HTTPConnection(host, port, timeout=5)
    if https:
        # The process is our own; its certificate names the host that clients use, not this address.
        unverified = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        unverified.check_hostname, unverified.verify_mode = False, ssl.CERT_NONE
        connection = http.client.HTTPSConnection(host, port, timeout=5, context=unverified)
    try:
        connection.request("GET", path)
        return connection.getresponse().status == http.HTTPStatus.OK
    except OSError:
        return False
    finally:
        connection.close()


def stop_all(running: list[ChildProcess], drain_seconds: float = 0.0) -> None:
    """Stop all processes in parallel, within seven seconds after the drain period of the API."""
    deadline = time.monotonic() + drain_seconds + _STOP_SECONDS
    for child in running:
        child.request_stop()
    for child in running:
        child.wait_until_stopped(deadline)


def client_host(host: str) -> str:
    """The address at which a client on this machine reaches a listening address."""
    return "127.0.0.1" if host in {"0.0.0.0", ""} else host  # noqa: S104 - compared, not listened on
