"""Two replicas of each server behind HAProxy, as separate processes that share the engines and a secret key."""

import http.client
import json
import shutil
import subprocess
import urllib.parse
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Self

import psutil

from domain.access.user import Role
from entrypoints.configuration.setting_readers import PROJECT
from harness.people import PASSWORD, add_user
from harness.polling import eventually
from harness.running_service import SCORING, clean_environment, free_ports
from support.certificates import Authority, Issued

HAPROXY = shutil.which("haproxy", path="/usr/sbin:/usr/local/sbin:/usr/local/bin:/usr/bin")
NO_HAPROXY = "HAProxy is not installed: install the package haproxy"
CONFIGURATION = PROJECT / "deploy" / "haproxy.cfg"
AUTHORITY = Authority()
"""Issues the certificate of the proxy."""
UNLIMITED = "1000000"
_https_ports: set[int] = set()
"""The ports of proxies; replicas are reached without TLS."""


def address_of(port: int) -> str:
    """The address of a proxy or a replica on this machine."""
    return f"{'https' if port in _https_ports else 'http'}://127.0.0.1:{port}"


def ask(
    port: int, method: str, path: str, body: str | None = None, *, of: str = "127.0.0.1", **headers: str
) -> tuple[int, bytes]:
    """The status and the body for a client at address `of`; raises OSError and HTTPException without an answer."""
    connection = connection_to(port, of)
    try:
        connection.request(method, path, body, headers)
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()


def connection_to(port: int, of: str = "127.0.0.1") -> http.client.HTTPConnection:
    """A connection of the client at address `of` to a proxy or a replica."""
    if port in _https_ports:
        return http.client.HTTPSConnection(
            "127.0.0.1", port, timeout=5, source_address=(of, 0), context=AUTHORITY.trust
        )
    return http.client.HTTPConnection("127.0.0.1", port, timeout=5, source_address=(of, 0))


def is_ready(port: int, path: str = "/health/ready") -> bool:
    """The health check of the load balancer."""
    try:
        return ask(port, "GET", path)[0] == 200
    except (OSError, http.client.HTTPException):
        return False


OFFICER = "olga"
"""A loan officer, who may assess applications and read all decisions."""


def token_from(port: int, name: str | None = None) -> str:
    """A token of the loan officer, or of this user, issued by the server on this port."""
    status, body = log_in(port, PASSWORD, name=name)
    assert status == 200, body
    return str(json.loads(body)["access_token"])


def log_in(port: int, password: str = PASSWORD, *, name: str | None = None, **more: str) -> tuple[int, bytes]:
    """Log in at the server on this port, and return the response."""
    form = {"grant_type": "password", "username": name or OFFICER, "password": password}
    encoded = urllib.parse.urlencode(form)
    more["Content-Type"] = "application/x-www-form-urlencoded"
    return ask(port, "POST", "/api/v1/auth/token", encoded, **more)


class ServerProcess:
    """A process that serves a port of this machine, as a context manager."""

    def __init__(
        self,
        port: int,
        command: list[str],
        environment: dict[str, str],
        log: Path,
        *,
        health: str = "/health/ready",
    ) -> None:
        self.port = port
        self._health = health
        self.environment = environment
        self._command, self._log = command, log

    def start(self) -> None:
        """Start the process, and return once it is ready."""
        with self._log.open("a") as log:
            self.process = psutil.Popen(self._command, env=self.environment, stderr=log)
        eventually(lambda: self.process.poll() is not None or is_ready(self.port, self._health), within=45)
        assert self.process.poll() is None, f"{self._command} did not start:\n{self._log.read_text()}"

    def stop(self) -> None:
        """Send SIGTERM, and wait for the exit."""
        self.process.terminate()
        self.process.wait(15)

    def kill(self) -> None:
        """Send SIGKILL, also to the workers of HAProxy."""
        processes = [self.process, *self.process.children(recursive=True)]
        for process in processes:
            with suppress(psutil.NoSuchProcess):
                process.kill()
        psutil.wait_procs(processes, 5)

    def __enter__(self) -> Self:
        try:
            self.start()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        if self.process.poll() is None:
            self.kill()


class Pair:
    """Two replicas of the API and of the web interface (`pages`) and their HAProxy; nothing runs yet.

    `proxy` are variables of HAProxy's `configuration`. Clients trust `AUTHORITY`.
    """

    def __init__(
        self,
        folder: Path,
        database_url: str,
        redis_url: str,
        *,
        proxy: Mapping[str, str] | None = None,
        configuration: Path = CONFIGURATION,
        **settings: str,
    ) -> None:
        self._folder = folder
        self._shared = {
            "SCORING_DATABASE_URL": database_url,
            "SCORING_REDIS_URL": redis_url,
            "SCORING_SECRET_KEY": "Yb3Kq8VtR0wLx5NcJ7mZd2HfPs9GaEuT4iQo",
            "SCORING_SECURE_COOKIES": "yes",
            **settings,
        }
        self.database_url = database_url
        names = ("LISTEN", "LISTEN_HTTP", "REPLICA_1", "REPLICA_2", "WEB_1", "WEB_2", "STATE")
        ports = dict(zip(names, free_ports(len(names)), strict=True))
        self.api_port = self.web_port = ports["LISTEN"]
        self.http_port, self._state_port = ports["LISTEN_HTTP"], ports["STATE"]
        _https_ports.add(self.api_port)
        self.certificate = folder / "service.pem"
        self.write_certificate(AUTHORITY.issue())
        self.authorization = ""
        self.replicas = {
            "one": self._replica("one", ports["REPLICA_1"]),
            "two": self._replica("two", ports["REPLICA_2"]),
        }
        self.pages = {"one": self._page("one", ports["WEB_1"]), "two": self._page("two", ports["WEB_2"])}
        addresses = {name: f"127.0.0.1:{port}" for name, port in ports.items()}
        command = [HAPROXY or "haproxy", "-W", "-db", "-f", str(configuration)]
        limits = {"RATE_LIMIT": UNLIMITED} | (proxy or {})
        environment = clean_environment(
            **addresses, CERTIFICATE=str(self.certificate), PUBLIC_PORT=str(self.api_port), **limits
        )
        log = folder / "haproxy.log"
        self.balancer = ServerProcess(self._state_port, command, environment, log, health="/")

    def _replica(self, name: str, port: int) -> ServerProcess:
        environment = self._environment(name, SCORING_API_PORT=str(port))
        return ServerProcess(port, [*SCORING, "serve", "api"], environment, self._folder / f"{name}.log")

    def _page(self, name: str, port: int) -> ServerProcess:
        environment = self._environment(f"web {name}", SCORING_UI_PORT=str(port))
        log = self._folder / f"web {name}.log"
        return ServerProcess(port, [*SCORING, "serve", "ui"], environment, log, health="/health/live")

    def _environment(self, name: str, **settings: str) -> dict[str, str]:
        """The environment of a process with its own data folder."""
        return clean_environment(**self._shared, SCORING_DATA_DIR=str(self._folder / name), **settings)

    def write_certificate(self, issued: Issued) -> None:
        """Write the certificate of the proxy, which reads it when it starts or is reloaded."""
        self.certificate.write_bytes(issued.pem + issued.key_pem())

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run another `scoring` command with the settings that the replicas share."""
        environment = self._environment("elsewhere", SCORING_ADMIN_PASSWORD=PASSWORD)
        return subprocess.run(
            [*SCORING, *arguments], env=environment, capture_output=True, text=True, check=False, timeout=30
        )

    def prepare(self) -> None:
        """Migrate the database, and add a loan officer."""
        prepared = self.run("migrate")
        assert prepared.returncode == 0, prepared.stderr
        add_user(self.database_url, OFFICER, Role.LOAN_OFFICER)

    def is_up(self, name: str) -> bool:
        """Whether HAProxy considers this replica up."""
        _, metrics = ask(self._state_port, "GET", "/metrics")
        return f'haproxy_server_status{{proxy="replicas",server="{name}",state="UP"}} 1' in metrics.decode()


@contextmanager
def running_pair(folder: Path, database_url: str, redis_url: str, **settings: str) -> Iterator[Pair]:
    """Two ready replicas on an empty database, behind HAProxy."""
    pair = Pair(folder, database_url, redis_url, **settings)
    pair.prepare()
    with ExitStack() as stack:
        with ThreadPoolExecutor() as threads:  # in parallel
            for started in [threads.submit(replica.__enter__) for replica in pair.replicas.values()]:
                stack.push(started.result())
        stack.enter_context(pair.balancer)
        pair.authorization = f"Authorization: Bearer {token_from(pair.api_port)}"
        yield pair
