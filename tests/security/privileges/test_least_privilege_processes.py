"""`scoring up` gives each process its own login, and the engines require passwords."""

import asyncio
import json
import re
import stat
import subprocess
import urllib.request
from pathlib import Path

import asyncpg
import httpx
import pytest
import redis

from adapters.embedded import EmbeddedPostgres, EmbeddedValkey
from adapters.persistence.database.privileges import API, WORKER
from domain.access.user import Role
from harness.polling import eventually
from harness.running_service import SCORING, Service, clean_environment, free_ports
from support.batches import SOME_LOANS
from support.databases import a_login
from support.engines import execute
from support.starting import Start, start

__all__ = ["start"]
pytestmark = pytest.mark.timeout(180)
PASSWORD = "a long enough password"


def rows(url: str, question: str) -> list[tuple[object, ...]]:
    async def ask() -> list[tuple[object, ...]]:
        connection = await asyncpg.connect(url)
        try:
            return [tuple(row) for row in await connection.fetch(question)]
        finally:
            await connection.close()

    return asyncio.run(ask())


def logins(url: str) -> set[tuple[object, ...]]:
    """The connected logins, and whether they are superusers, except for this query."""
    return set(
        rows(
            url,
            "SELECT usename, usesuper FROM pg_stat_activity JOIN pg_user USING (usename) "
            "WHERE pid <> pg_backend_pid() AND backend_type = 'client backend'",
        )
    )


def answer(url: str, *, data: bytes | None = None, **headers: str) -> bytes:
    request = urllib.request.Request(url, data=data, headers=headers)  # noqa: S310 - the service under test
    with urllib.request.urlopen(request, timeout=20) as opened:  # noqa: S310 - as above
        content: bytes = opened.read()
    return content


def test_the_service_works_without_superuser_logins(tmp_path: Path, start: Start) -> None:
    service = start(tmp_path, without=(), SCORING_ADMIN_PASSWORD=PASSWORD, SCORING_PREDICTION_CACHE="shared")
    decision = service.decide()
    assert decision["success"] is True
    authorization = service.authorization.partition(": ")[2]
    batches = f"http://127.0.0.1:{service.api_port}/api/v1/batches"
    handed_in = json.loads(
        answer(batches, data=SOME_LOANS, Authorization=authorization, **{"Content-Type": "text/csv"})
    )
    batch = handed_in["batch_id"]

    def done() -> bool:
        found = json.loads(answer(f"{batches}/{batch}", Authorization=authorization))
        assert found["state"] in {"queued", "running", "done"}
        return bool(found["state"] == "done")

    eventually(done, within=60)
    assert answer(f"{batches}/{batch}/results", Authorization=authorization)
    import_outcomes(service, decision["request_id"], tmp_path)
    web = f"http://127.0.0.1:{service.ui_port}"
    password = service.add_user("ann", Role.LOAN_OFFICER)
    with httpx.Client(headers={"Origin": web}) as browser:
        browser.post(f"{web}/login", data={"name": "ann", "password": password})
        assert browser.get(f"{web}/").status_code == 200
    cache = EmbeddedValkey.running_url(tmp_path)
    assert cache
    with redis.Redis.from_url(cache) as client:
        users = {str(each["user"]) for each in client.client_list()}
        assert users == {"scoring", "administrator"}, "the latter asks this"
        assert client.keys("scoring:*")
    assert logins(service.database_url) == {(API, False), (WORKER, False)}
    assert "permission denied" not in service.log
    assert "NOPERM" not in service.log
    assert "Traceback" not in service.log
    assert service.run("audit", "verify").returncode == 0
    assert service.run("users", "add", "olga", "--role", "auditor").returncode == 0


def import_outcomes(service: Service, application: str, folder: Path) -> None:
    """A worker imports the outcome of a loan; at the command line the same file records nothing."""
    api = f"http://127.0.0.1:{service.api_port}/api/v1"
    headers = {"Authorization": service.authorization.partition(": ")[2], "Content-Type": "text/csv"}
    accepted = f"{api}/applications/{application}/acceptance"
    answer(accepted, data=b"{}", **headers | {"Content-Type": "application/json"})
    file = folder / "outcomes.csv"
    file.write_text(f"application_id,loan_status,as_of,issue_d\n{application},Fully Paid,2024-05-31,Jan-2024\n")
    submitted = json.loads(answer(f"{api}/outcome-imports", data=file.read_bytes(), **headers))
    one = f"{api}/outcome-imports/{submitted['import_id']}"

    def ended() -> bool:
        return json.loads(answer(one, **headers))["state"] in {"done", "failed"}

    eventually(ended, within=60)
    progress = json.loads(answer(one, **headers))["progress"]
    assert (progress["recorded"], progress["refused"]) == (1, 0)
    file.write_text(file.read_text() + "nowhere,Fully Paid,2024-05-31,Jan-2024\n")
    again = service.run("outcomes", "import", str(file))
    assert again.returncode == 0, again.stderr
    assert re.search(r"recorded +0\n +recorded before +1\n +refused +1", again.stdout), again.stdout
    assert "names no application" in (folder / "outcomes.csv.errors.csv").read_text()
    exported = service.run("outcomes", "export", str(folder / "training.csv"))
    assert exported.returncode == 0, exported.stderr
    assert "1 loan as known on" in exported.stdout
    assert "Fully Paid" in (folder / "training.csv").read_text()


def test_a_separate_worker_uses_the_workers_login(tmp_path: Path, start: Start) -> None:
    service = start(tmp_path)
    with subprocess.Popen([*SCORING, "worker"], env=service.environment) as worker:
        try:
            eventually(lambda: (WORKER, False) in logins(service.database_url), within=30)
        finally:
            worker.terminate()
            worker.wait(20)
    assert logins(service.database_url) == {(API, False)}


def test_no_process_has_a_password_on_its_command_line(tmp_path: Path, start: Start) -> None:
    service = start(tmp_path, without=())
    secrets = [(tmp_path / engine / "password").read_text() for engine in ("postgres", "valkey")]
    for process in service.family():
        for secret in secrets:
            assert secret not in " ".join(process.cmdline())
    for file in (*tmp_path.rglob("*.log"), *tmp_path.rglob("lock")):
        assert not any(secret in file.read_text() for secret in secrets)
    for engine in ("postgres", "valkey"):
        assert stat.S_IMODE((tmp_path / engine / "password").stat().st_mode) == 0o600


def test_a_data_folder_of_an_earlier_release_is_upgraded(tmp_path: Path) -> None:
    with EmbeddedPostgres(tmp_path) as postgres:
        execute(postgres.url, "CREATE TABLE kept (what text); INSERT INTO kept VALUES ('decided')")
        execute(postgres.url, "ALTER ROLE scoring PASSWORD NULL")  # earlier releases trusted every client
    (tmp_path / "postgres" / "data" / "scoring_hba.conf").unlink()
    (tmp_path / "postgres" / "password").unlink()
    for _ in range(2):
        with EmbeddedPostgres(tmp_path) as postgres:
            assert rows(postgres.url, "SELECT what FROM kept") == [("decided",)]
            assert EmbeddedPostgres.running_url(tmp_path) == postgres.url
            for credentials in ("", ":", ":guessed"):
                with pytest.raises(asyncpg.InvalidPasswordError):
                    rows(re.sub(":[0-9a-f]+@", f"{credentials}@", postgres.url), "SELECT 1")
            assert postgres.folder.password() not in postgres.folder.log.read_text()


def test_a_lost_password_file_is_created_again(tmp_path: Path) -> None:
    for file in ("postgres/password", "valkey/password"):
        with EmbeddedPostgres(tmp_path) as postgres, EmbeddedValkey(tmp_path) as valkey:
            assert rows(postgres.url, "SELECT 1") == [(1,)]
            assert redis.Redis.from_url(valkey.url).ping()
        (tmp_path / file).write_text("cut o")
    with EmbeddedPostgres(tmp_path) as postgres, EmbeddedValkey(tmp_path) as valkey:
        assert rows(postgres.url, "SELECT 1") == [(1,)]
        assert redis.Redis.from_url(valkey.url).ping()


@pytest.mark.parametrize("what", ["a superuser", "the owner of the tables"])
def test_a_process_with_excess_privileges_logs_a_warning(
    tmp_path: Path, database_url: str, valkey_url: str, what: str
) -> None:
    with a_login(database_url, "SUPERUSER" if what == "a superuser" else "") as url:
        name = url.split("//")[1].split(":")[0]
        execute(database_url, f"GRANT ALL ON SCHEMA public TO {name}")
        (port,) = free_ports(1)
        environment = clean_environment(
            SCORING_DATA_DIR=str(tmp_path),
            SCORING_DATABASE_URL=url,
            SCORING_REDIS_URL=valkey_url,
            SCORING_API_PORT=str(port),
            SCORING_LOG_FORMAT="json",
        )
        subprocess.run([*SCORING, "migrate"], env=environment, check=True, capture_output=True, timeout=60)
        for command in (["serve", "api"], ["worker"]):
            log = tmp_path / command[0]
            with (
                log.open("w") as output,
                subprocess.Popen([*SCORING, *command], env=environment, stdout=output, stderr=output) as process,
            ):
                try:
                    eventually(lambda: f"SCORING_DATABASE_URL is {what}" in log.read_text(), within=30)  # noqa: B023 - called immediately
                finally:
                    process.terminate()
                    process.wait(20)
            assert "IN ROLE scoring_" in log.read_text()
