"""The container files: closed ports, limits, secrets from files, a login for each process."""

import asyncio
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import asyncpg
import pytest
import redis
import yaml

from adapters.embedded import EmbeddedPostgres, EmbeddedValkey
from adapters.embedded.valkey import SERVICE_RIGHTS
from adapters.persistence.database.migrations import migrate
from adapters.persistence.database.privileges import API, WORKER
from adapters.persistence.database.service_roles import grant_privileges
from entrypoints.configuration.setting_readers import PROJECT

COMPOSE: dict[str, Any] = yaml.safe_load((PROJECT / "docker-compose.yml").read_text())
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
OWN = ("api-1", "api-2", "web-1", "web-2", "worker", "migrate")
KEEP_CAPABILITIES = {"postgres", "redis"}
"""Their images start as root, and change to a user of their own."""


@pytest.fixture(scope="module")
def secrets(tmp_path_factory: pytest.TempPathFactory) -> Path:
    if shutil.which("openssl") is None:
        pytest.skip("openssl is not installed: install the package openssl")
    folder = tmp_path_factory.mktemp("secrets")
    subprocess.run([PROJECT / "deploy" / "make-secrets", folder], check=True, capture_output=True)
    return folder


@pytest.mark.parametrize("name", SERVICES)
def test_a_container_is_limited(name: str) -> None:
    service = SERVICES[name]
    assert service["read_only"] is True
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert service["mem_limit"]
    assert service["pids_limit"]
    assert service["networks"]
    addresses = ("127.0.0.1:", "${SCORING_PUBLISH_ADDRESS:-127.0.0.1}:" if name == "proxy" else "127.0.0.1:")
    assert all(port.startswith(addresses) for port in service.get("ports", []))
    if name not in KEEP_CAPABILITIES:
        assert service["cap_drop"] == ["ALL"]
    if name not in OWN:
        assert any(figure.isdigit() for figure in service["image"].rpartition(":")[2])


def test_containers_reach_only_the_servers_that_they_need() -> None:
    reach = {name: set(service["networks"]) for name, service in SERVICES.items()}
    on = {network: {name for name in reach if network in reach[name]} for network in COMPOSE["networks"]}
    servers = {"api-1", "api-2", "web-1", "web-2"}
    assert on["front"] == {"proxy"}
    assert on["servers"] == {"proxy", *servers}
    assert on["database"] == {"postgres", "worker", "migrate", *servers}
    assert on["cache"] == {"redis", *servers}
    assert on["telemetry"] == {"collector", "jaeger", "worker", *servers}
    assert on["outgoing"] == {"worker", "alertmanager"}
    internal = {name for name, network in COMPOSE["networks"].items() if (network or {}).get("internal")}
    assert internal == {"servers", "database", "cache", "telemetry"}


def test_no_secret_is_in_the_environment(secrets: Path) -> None:
    assert set(COMPOSE["secrets"]) == {file.name for file in secrets.iterdir()}
    used = set()
    for service in SERVICES.values():
        for variable, value in service.get("environment", {}).items():
            if any(word in variable for word in ("PASSWORD", "KEY", "DATABASE_URL", "REDIS_URL")):
                assert variable.endswith("_FILE")
                assert value.removeprefix("/run/secrets/") in service["secrets"]
        used |= set(service.get("secrets", []))
    assert used == set(COMPOSE["secrets"])
    assert {name: service["environment"]["SCORING_DATABASE_URL_FILE"].rpartition("_")[2]
            for name, service in SERVICES.items() if name in OWN} == {
        "api-1": "api", "api-2": "api", "web-1": "api", "web-2": "api", "worker": "worker", "migrate": "owner",
    }  # fmt: skip


def test_secrets_are_generated_once_in_a_private_folder(secrets: Path) -> None:
    before = {file.name: file.read_text() for file in secrets.iterdir()}
    subprocess.run([PROJECT / "deploy" / "make-secrets", secrets], check=True, capture_output=True)
    assert {file.name: file.read_text() for file in secrets.iterdir()} == before
    assert secrets.stat().st_mode & 0o077 == 0
    assert len(set(before.values())) == len(before)


async def test_the_logins_of_the_containers_are_created_with_their_roles(secrets: Path, tmp_path: Path) -> None:
    with EmbeddedPostgres(tmp_path, durable=False) as postgres:
        program = next(Path(str(postgres.wheel.program_for(None))).parent.glob("psql"))
        sockets = postgres.url.partition("host=")[2].partition("&")[0]
        environment = {
            "PATH": f"{program.parent}:{os.environ['PATH']}",
            "PGHOST": sockets,
            "PGPASSWORD": postgres.folder.password(),
            "POSTGRES_USER": "scoring",
            "POSTGRES_DB": "scoring",
            "SECRETS": str(secrets),
        }
        script = ["sh", PROJECT / "deploy" / "postgres-logins.sh"]
        for _ in range(2):  # in a new database, and manually in an existing one
            await asyncio.to_thread(subprocess.run, script, env=environment, check=True, timeout=30)
            await migrate(postgres.url)
            await grant_privileges(postgres.url)
        for process, role in (("api", API), ("worker", WORKER)):
            url = (secrets / f"database_url_{process}").read_text()
            socket_url = url.replace("@postgres:5432/scoring", f"@/scoring?host={sockets}")
            connection = await asyncpg.connect(socket_url)
            assert await connection.fetchval("SELECT current_user") == role
            assert await connection.fetchval("SELECT count(*) FROM batches") == 0
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await connection.execute("DELETE FROM users")
            await connection.close()


@pytest.fixture
def containers_cache(secrets: Path, tmp_path: Path) -> Iterator[str]:
    """The address of a server with the access control list of the container."""
    program = EmbeddedValkey.wheel.program_for(None)
    socket = tmp_path / "socket"
    command = [program, "--port", "0", "--unixsocket", socket, "--aclfile", secrets / "redis_acl"]
    with subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.PIPE, text=True) as server:
        try:
            assert server.stdout is not None
            assert any("eady to accept connections" in line for line in server.stdout)
            yield (
                (secrets / "redis_url")
                .read_text()
                .replace("redis://", "unix://")
                .replace("@redis:6379/0", f"@{socket}")
            )
        finally:
            server.kill()


def test_the_containers_redis_grants_the_same_as_the_embedded_valkey(containers_cache: str) -> None:
    with redis.Redis.from_url(containers_cache) as client:
        assert client.set("scoring:prediction:1:x", b"1")
        with pytest.raises(redis.ResponseError, match="no permissions"):
            client.config_get("dir")
    with (
        redis.Redis.from_url("unix://" + containers_cache.partition("@")[2]) as anonymous,
        pytest.raises(redis.AuthenticationError),
    ):
        anonymous.ping()
    assert " ".join(SERVICE_RIGHTS) in (PROJECT / "deploy" / "make-secrets").read_text()


def test_every_package_is_installed_by_its_hash() -> None:
    for file in ("scripts/setup", "Dockerfile"):
        text = (PROJECT / file).read_text().replace("\\\n", " ")
        for line in text.splitlines():
            if "pip install" in line and "--no-deps" not in line and '"${editable[@]}"' not in line:
                assert all("--require-hashes" in part for part in line.split("&&") if "pip install" in part), line
    pinned = (PROJECT / "requirements-uv.lock").read_text()
    assert pinned.startswith("uv==")
    assert "--hash=sha256:" in pinned
