"""The service in a schema of its own, in a database that it shares and whose schema `public` is closed."""

import json
import re
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import httpx
import pytest
from click.testing import CliRunner

from adapters.persistence.database.concurrent_indexes import build_missing_indexes
from adapters.persistence.database.connections import database_engine
from adapters.persistence.database.migrations import migrate
from adapters.persistence.database.privileges import API, READ
from adapters.persistence.database.schemas import SchemaNotUsable
from adapters.persistence.database.service_roles import grant_privileges
from adapters.persistence.decisions.archive.decision_archive import PostgresDecisionArchive
from bench.applications import forms
from domain.access.user import Role
from domain.products.personal_loan import PERSONAL_LOAN
from entrypoints.cli.archive import command as archive_command
from harness.callers import Callers
from harness.pgbouncer import NO_PGBOUNCER, PGBOUNCER, pgbouncer
from harness.polling import eventually
from harness.running_service import Service
from operations.test_archive import LAST_MONTH, PARTITION, record_two_months
from support.builders import a_decision_record
from support.databases import a_login, connected, postgres_store_at
from support.engines import drop_database, execute, fresh_database

pytestmark = pytest.mark.timeout(240)

SECRET_KEY = "own-Schema-k8Xw2vQ9rT4mZ7pL1nB6yC3hJ5fD0sA2"
_SHARED = """
REVOKE ALL ON SCHEMA public FROM PUBLIC;
CREATE TABLE public.decisions (of_another_application text);
CREATE TABLE public.alembic_version (version_num text);
INSERT INTO public.alembic_version VALUES ('9999');
"""


@pytest.fixture(scope="module")
def owner(postgres_url: str) -> Iterator[str]:
    """The address of a login that may create roles, and nothing else."""
    with a_login(postgres_url, "CREATEROLE") as url:
        yield url


def login_of(url: str) -> str:
    return re.sub(r".*//([^:]*):.*", r"\1", url)


def as_login(url: str, login_url: str) -> str:
    """The address of the database in the first for the login in the second."""
    return f"//{login_url.partition('//')[2].partition('@')[0]}@".join(re.split("//[^@]*@", url))


@pytest.fixture
def shared(postgres_url: str, owner: str) -> Iterator[str]:
    """The address, for the owner, of a database that another application uses, too."""
    url = fresh_database(postgres_url)
    execute(url, _SHARED)
    yield as_login(url, owner)
    drop_database(postgres_url, url)


@pytest.fixture
def own(shared: str, postgres_url: str) -> str:
    """The address that names the service's own schema there."""
    administrator = as_login(shared, postgres_url)
    execute(administrator, f"CREATE SCHEMA lending AUTHORIZATION {login_of(shared)}")
    return f"{shared}&search_path=lending"


async def test_a_closed_public_schema_is_reported_with_what_to_do(shared: str) -> None:
    user = login_of(shared)
    with pytest.raises(SchemaNotUsable, match=f"CREATE SCHEMA scoring AUTHORIZATION {user};"):
        await migrate(shared)
    with pytest.raises(SchemaNotUsable, match=f"schema lending.*CREATE SCHEMA lending AUTHORIZATION {user};"):
        await migrate(f"{shared}&search_path=lending")


async def test_roles_have_the_same_privileges_as_in_public(own: str, postgres_url: str) -> None:
    await migrate(own)
    await grant_privileges(own)
    await build_missing_indexes(own)
    record = a_decision_record()
    administrator = as_login(own, postgres_url)
    with a_login(administrator, f"IN ROLE {API}") as api, a_login(administrator, f"IN ROLE {READ}") as reader:
        async with postgres_store_at(api) as store:
            await store.ledger.record(record)
        async with postgres_store_at(reader) as store:
            assert await store.archive.find(record.decision_id) == record
        async with connected(reader) as connection:
            assert await connection.fetchval("SELECT has_table_privilege('users', 'DELETE')") is False
            assert await connection.fetchval("SELECT has_table_privilege('users', 'INSERT')") is False


def test_a_month_is_archived_dropped_and_put_back(
    own: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    record_two_months(own)
    monkeypatch.setenv("SCORING_DATABASE_URL", own)
    monkeypatch.setenv("SCORING_DATA_DIR", str(tmp_path / "data"))

    def archive(*arguments: object) -> str:
        done = CliRunner().invoke(archive_command, list(map(str, arguments)))
        assert done.exit_code == 0, done.output
        return done.output

    assert f"30 decisions of {LAST_MONTH}" in archive(LAST_MONTH, tmp_path / "archive")
    archive("drop", tmp_path / "archive")
    archive("restore", tmp_path / "archive")
    execute(own, f"SELECT FROM lending.{PARTITION}")


def test_the_service_decides_backs_up_and_restores(
    own: str, owner: str, postgres_url: str, valkey_server_url: str, tmp_path: Path
) -> None:
    with ExitStack() as stack:
        settings = {
            "SCORING_DATABASE_URL": own,
            "SCORING_REDIS_URL": valkey_server_url,
            "SCORING_SECRET_KEY": SECRET_KEY,
        }
        service = Service(tmp_path / "data", without=("ui",), **settings)
        stack.callback(service.close)
        with Callers(service, 4, keyed=True) as callers:
            eventually(lambda: len(callers.result.decided) > 20)
        assert not callers.result.refused
        name, _, value = service.authorization.partition(": ")
        with httpx.Client(base_url=f"http://127.0.0.1:{service.api_port}", headers={name: value}) as api:
            rows = forms(30, seed=6)
            lines = [",".join(rows[0]), *(",".join(map(str, row.values())) for row in rows)]
            batch = api.post("/api/v1/batches", content="\n".join(lines), headers={"Content-Type": "text/csv"})
            path = f"/api/v1/batches/{batch.json()['batch_id']}"
            eventually(lambda: api.get(path).json()["state"] == "done", within=60)
            api.headers[name] = service.authorization_of("marta", Role.RISK_MANAGER).partition(": ")[2]
            period = {"from": "2026-01-01", "to": "2027-01-01"}
            eventually(lambda: api.get("/api/v1/overview", params=period).json()["decisions"] > 50)
        made = service.run("backup", str(tmp_path / "backup"))
        assert made.returncode == 0, made.stderr
        other = fresh_database(postgres_url)
        stack.callback(drop_database, postgres_url, other)
        elsewhere = as_login(other, owner)
        execute(other, f"CREATE SCHEMA lending AUTHORIZATION {login_of(owner)}; {_SHARED}")
        service.environment["SCORING_DATABASE_URL"] = elsewhere
        refused = service.run("restore", str(tmp_path / "backup"))
        service.environment["SCORING_DATABASE_URL"] = f"{elsewhere}&search_path=lending"
        restored = service.run("restore", str(tmp_path / "backup"))
        assert refused.returncode == 1
        assert restored.returncode == 0, restored.stdout + restored.stderr
        assert "all counts are those of the backup, and the audit trail has no issues" in restored.stdout
        counts = json.loads((tmp_path / "backup" / "manifest.json").read_text())["database"]["counts"]
        assert counts["decisions"] > 50


@pytest.mark.skipif(PGBOUNCER is None, reason=NO_PGBOUNCER)
async def test_a_pooler_in_transaction_mode_leads_to_the_schema(own: str) -> None:
    await migrate(own)
    record = a_decision_record()
    async with postgres_store_at(own) as store:
        await store.ledger.record(record)
    with pgbouncer([own]) as (through,):
        engine = database_engine(f"{through}?search_path=lending", pooled=True)
        archive = PostgresDecisionArchive(engine, purposes=PERSONAL_LOAN.purposes)
        assert await archive.find(record.decision_id) == record
        await engine.dispose()
