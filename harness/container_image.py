"""Verifies a mounted container image: its content, and its processes as containers on real engines.

    python -m harness.container_image ROOT IMAGE.json [--content-only]

IMAGE.json is the output of `buildah inspect --type image`. Prints what was verified; fails at the first fault.
"""

import argparse
import asyncio
import json
import re
import secrets
import shutil
import tempfile
import time
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import asyncpg
import httpx

from domain.products.personal_loan import EXAMPLE
from harness.image_content import configuration_faults, content_faults, sizes
from harness.oci_container import Container
from harness.polling import eventually
from harness.running_service import free_ports
from harness.tcp_engines import TcpPostgres, TcpValkey

_DRAIN_SECONDS = 2
_STOP_WITHIN = {"api": _DRAIN_SECONDS + 8.0, "ui": 8.0, "worker": 20.0}
"""The times that docs/operations.md names."""
_COMMANDS = {"api": ("serve", "api"), "ui": ("serve", "ui"), "worker": ("worker",)}

_PROBE = (
    "for d in / /app /app/src /app/models /home /var/tmp /etc; do touch $d/probe 2>/dev/null && echo $d; done;"
    "touch /tmp/probe && rm /tmp/probe"
)
"""Prints each folder in which a file can be created, and fails if none can be created in /tmp."""


class _Deployment:
    """The image's processes as containers on engines of this machine."""

    def __init__(self, root: Path, image: Mapping[str, Any], work: Path, stack: ExitStack) -> None:
        self._root, self._image, self._work, self._stack = root, image, work, stack
        self._database = stack.enter_context(TcpPostgres(work))
        self._redis = stack.enter_context(TcpValkey(work))
        self._secrets = work / "secrets"
        self._secrets.mkdir()
        self._ports = dict(
            zip(("api", "ui", "api_metrics", "ui_metrics", "worker_metrics"), free_ports(5), strict=True)
        )
        self._passwords = {f"scoring_{name}": secrets.token_hex(16) for name in ("api", "worker", "read")}
        self._write("secret_key", secrets.token_urlsafe(36))
        self._write("redis_url", self._redis.tcp_url)
        self._write("database_url_owner", self._database.tcp_url())
        for role, password in self._passwords.items():
            self._write(f"database_url_{role.removeprefix('scoring_')}", self._database.tcp_url(role, password))
        self.api = httpx.Client(base_url=f"http://127.0.0.1:{self._ports['api']}", timeout=30)
        stack.callback(self.api.close)

    def _write(self, name: str, content: str) -> None:
        file = self._secrets / name
        file.write_text(content)
        file.chmod(0o444)  # the containers' user is not this one

    def start(self, command: Sequence[str], login: str) -> Container:
        """Start a container whose process uses one database login."""
        environment = {
            "SCORING_DATABASE_URL_FILE": f"/run/secrets/database_url_{login}",
            "SCORING_REDIS_URL_FILE": "/run/secrets/redis_url",
            "SCORING_SECRET_KEY_FILE": "/run/secrets/secret_key",
            "SCORING_DRAIN_SECONDS": str(_DRAIN_SECONDS),
            "SCORING_LOG_FORMAT": "json",
            **{f"SCORING_{name.upper()}_PORT": str(port) for name, port in self._ports.items()},
        }
        container = Container(
            self._root, self._image, command, work=self._work, secrets=self._secrets, environment=environment
        )
        return self._stack.enter_context(container)

    def run(self, *command: str, login: str = "owner", code: int = 0) -> str:
        """Run a command in a container of its own, and return its output; fails on another exit code."""
        container = self.start(command, login)
        ended = container.wait()
        assert ended == code, f"`scoring {' '.join(command)}` exited with {ended}, not {code}:\n{container.log}"
        return container.log

    def let_log_in(self) -> None:
        """Let the service's roles log in, as an operator does after the first migration."""

        async def alter() -> None:
            connection = await asyncpg.connect(self._database.url)
            for role, password in self._passwords.items():
                await connection.execute(f"ALTER ROLE {role} LOGIN PASSWORD '{password}'")
            await connection.close()

        asyncio.run(alter())

    def log_in(self) -> None:
        """Add a user for a calling system, and send its token with every request from now on."""
        output = self.run("users", "add", "portal", "--role", "service")
        password = re.search(r"Password: (\S+)", output)
        assert password, output
        answer = self.api.post(
            "/api/v1/auth/token",
            data={"grant_type": "password", "username": "portal", "password": password[1]},
        )
        assert answer.is_success, answer.text
        self.api.headers["Authorization"] = f"Bearer {answer.json()['access_token']}"

    def page(self) -> int:
        """Return the status of the web interface's login page."""
        return httpx.get(f"http://127.0.0.1:{self._ports['ui']}/login", timeout=30).status_code


def _report(text: str) -> None:
    print(f"  {text}", flush=True)  # noqa: T201 - the report of a command


def _verify_content(root: Path, image: Mapping[str, Any]) -> None:
    faults = configuration_faults(image) + content_faults(root)
    if faults:
        raise SystemExit("The image must not be released:\n" + "\n".join(f"  - {fault}" for fault in faults))
    _report("content: no build tools, caches or setuid programs; nothing that the service's user can change")
    parts = sizes(root)
    largest = ", ".join(f"{name} {size:.0f}" for name, size in list(parts.items())[1:8])
    _report(f"size: {parts['total']:.0f} MiB; largest parts in MiB: {largest}")


def _verify_processes(deployment: _Deployment) -> None:
    refused = deployment.run("migrate", "--check", code=1)
    assert "scoring migrate" in refused, refused
    waiting = deployment.start(("migrate", "--check", "--wait", "60"), "owner")
    eventually(lambda: "Waiting: " in waiting.log, within=30)
    deployment.run("migrate")
    assert waiting.wait() == 0, waiting.log
    deployment.let_log_in()
    deployment.run("migrate", "--check", login="api")
    _report("migrate: `--check` fails before it, waits for it with `--wait`, and succeeds after it as scoring_api")

    containers = {}
    for process, command in _COMMANDS.items():
        login = "worker" if process == "worker" else "api"
        began = time.monotonic()
        containers[process] = deployment.start(command, login)
        containers[process].wait_healthy(process, within=60)
        _report(f"{process}: `scoring health {process}` succeeds {time.monotonic() - began:.1f} s after the start")
    for process, container in containers.items():
        _verify_restrictions(process, container)
    _report(
        "restrictions: user 10001, no capability, no new privileges, and nothing can be created outside of /tmp"
    )

    deployment.log_in()
    answer = deployment.api.post("/api/v1/predictions", json=EXAMPLE)
    assert answer.status_code == 200, answer.text
    prediction = answer.json()["prediction"]
    record = deployment.api.get(f"/api/v1/decisions/{prediction['decision_id']}")
    assert record.status_code == 200, record.text
    _report(
        f"decision: {prediction['outcome']}, PD {prediction['probability_of_default']:.4f}, recorded and read back"
    )
    _verify_batch(deployment)
    assert deployment.page() == 200
    _report("web interface: the login page is served")

    for process, container in containers.items():
        written, memory = _files_in_tmp(container), container.peak_memory()
        code, seconds = container.stop(_STOP_WITHIN[process])
        assert code == 0, f"{process} exited with {code} after SIGTERM:\n{container.log}"
        assert "Traceback" not in container.log, container.log
        _report(
            f"{process}: exits with 0 in {seconds:.1f} s after SIGTERM; peak memory {memory:.0f} MiB; "
            f"files in /tmp: {written or 'none'}"
        )
    verified = deployment.run("audit", "verify", login="api")
    assert "was not recorded" not in verified, verified
    _report(f"audit trail: {verified.strip().splitlines()[-1]}")


def _verify_restrictions(process: str, container: Container) -> None:
    status = Path(f"/proc/{container.first_process()}/status").read_text()
    fields = dict(line.split(":\t", 1) for line in status.splitlines() if ":\t" in line)
    assert fields["Uid"].split() == ["10001"] * 4, (process, fields["Uid"])
    assert int(fields["CapEff"], 16) == int(fields["CapBnd"], 16) == 0, (process, fields["CapEff"])
    assert fields["NoNewPrivs"] == "1", process
    writable = container.execute("sh", "-c", _PROBE)
    assert (writable.returncode, writable.stdout) == (0, ""), (process, writable.stdout, writable.stderr)


def _verify_batch(deployment: _Deployment) -> None:
    rows = [",".join(EXAMPLE), *(",".join(str(value) for value in EXAMPLE.values()) for _ in range(500))]
    submitted = deployment.api.post(
        "/api/v1/batches", params={"name": "loans"}, content="\n".join(rows), headers={"Content-Type": "text/csv"}
    )
    assert submitted.is_success, submitted.text
    path = f"/api/v1/batches/{submitted.json()['batch_id']}"
    seconds = eventually(lambda: deployment.api.get(path).json()["state"] in {"done", "failed"}, within=90)
    batch = deployment.api.get(path).json()
    assert batch["state"] == "done", batch
    results = deployment.api.get(f"{path}/results").text.splitlines()
    assert len(results) == len(rows), f"{len(results)} lines of results for {len(rows)} lines"
    _report(f"batch: the worker decided {len(rows) - 1} rows in {seconds:.1f} s")


def _files_in_tmp(container: Container) -> str:
    listed = container.execute("sh", "-c", "cd /tmp && find . -type f | head -20")
    return " ".join(listed.stdout.split())


def main() -> None:
    """Verify the image named on the command line."""
    parser = argparse.ArgumentParser(description="Verify a mounted container image.")
    parser.add_argument("root", type=Path)
    parser.add_argument("image", type=Path)
    parser.add_argument("--content-only", action="store_true")
    options = parser.parse_args()
    image = json.loads(options.image.read_text())["Docker"]["config"]
    _verify_content(options.root, image)
    if options.content_only:
        return
    work = Path(tempfile.mkdtemp(prefix="scoring-containers-"))
    work.chmod(0o755)  # the containers' user and the engines' user pass through it
    try:
        with ExitStack() as stack:
            _verify_processes(_Deployment(options.root, image, work, stack))
    finally:
        shutil.rmtree(work)


if __name__ == "__main__":
    main()
