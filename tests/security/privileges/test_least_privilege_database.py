"""Each database role can do its own work and nothing else, on a real PostgreSQL."""

from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import asyncpg
import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from adapters.persistence.access.login_attempts import PostgresLoginAttempts
from adapters.persistence.access.users import PostgresUsers
from adapters.persistence.applications.applications import PostgresApplications
from adapters.persistence.audit.audit_trail import PostgresAuditTrail
from adapters.persistence.batches.batch_work import PostgresBatchWork
from adapters.persistence.batches.batches import PostgresBatches
from adapters.persistence.cases.cases import PostgresCases
from adapters.persistence.database.connections import InsufficientPrivileges, database_engine
from adapters.persistence.database.database_dependency import DatabaseDependency
from adapters.persistence.database.privileges import (
    ACCESS,
    API,
    FUNCTION_PRIVILEGES,
    GRANTED_ROLES,
    READ,
    ROLES,
    SEQUENCE_PRIVILEGES,
    TABLE_PRIVILEGES,
    WORKER,
)
from adapters.persistence.database.service_roles import FORMER_ROLE, grant_privileges
from adapters.persistence.database.tables import metadata
from adapters.persistence.decisions.archive.decision_archive import PostgresDecisionArchive
from adapters.persistence.decisions.decision_partitions import PostgresDecisionPartitions
from adapters.persistence.decisions.idempotency_keys import PostgresIdempotencyKeys
from adapters.persistence.models.bundles import PostgresBundles
from adapters.persistence.monitoring import overview_tables  # noqa: F401 - registers its tables in the metadata
from adapters.persistence.monitoring.decision_figures import PostgresDecisionFigures
from adapters.persistence.monitoring.stored_states import PostgresStoredStates
from adapters.persistence.policies.policies import PostgresPolicies
from adapters.persistence.webhooks.outbox import PostgresOutbox
from application.ports.batches.batches import BatchOutput
from application.ports.decisions.idempotency import Claim, IdempotencyKey
from domain.access.user import Role
from domain.applications.application_action import ApplicationAction, Withdrawal, WithdrawalReason
from domain.applications.application_identity import ApplicationIdentity
from domain.applications.application_life import AlreadyWithdrawn
from domain.applications.application_state import ApplicationState
from domain.applications.superseding import SupersedesReason
from domain.batches.batch import BatchState
from domain.cases.case_state import CaseState
from domain.monitoring.period import Period
from domain.month import Month
from domain.policies.outcome import Outcome
from domain.policies.version_1 import POLICY_1
from support.batches import BatchStore, postgres_superseding
from support.builders import A_MOMENT, a_decision, a_decision_record, a_user, an_event, login_limits
from support.databases import a_login, connected, postgres_store_at
from support.engines import execute
from support.other_models import CHAMPION, CHAMPION_FINGERPRINT


@pytest.fixture
async def urls(migrated_url: str) -> AsyncIterator[dict[str, str]]:
    """The address of a login in each role."""
    await grant_privileges(migrated_url)
    with (
        a_login(migrated_url, f"IN ROLE {API}") as api,
        a_login(migrated_url, f"IN ROLE {WORKER}") as worker,
        a_login(migrated_url, f"IN ROLE {READ}") as read,
    ):
        yield {API: api, WORKER: worker, READ: read}


@pytest.fixture
async def engines(urls: dict[str, str]) -> AsyncIterator[dict[str, AsyncEngine]]:
    made = {role: database_engine(url) for role, url in urls.items()}
    yield made
    for engine in made.values():
        await engine.dispose()


def test_every_table_has_declared_privileges() -> None:
    """A new table needs a row in `adapters.persistence.database.privileges`, if only an empty one."""
    assert set(TABLE_PRIVILEGES) == {*metadata.tables, "alembic_version"}


async def test_a_role_has_exactly_the_declared_privileges(migrated_url: str) -> None:
    await grant_privileges(migrated_url)
    async with connected(migrated_url) as connection:
        await connection.execute(f"GRANT ALL ON users, decisions TO {READ}")  # granted manually by an operator
        await connection.execute(f"GRANT UPDATE (role) ON users TO {API}")
    await grant_privileges(migrated_url)
    declared = {
        (role, table, *privilege)
        for table, by_role in TABLE_PRIVILEGES.items()
        for role, privileges in by_role.items()
        for privilege in _privileges(privileges)
    } | {(role, sequence, "USAGE", "") for sequence, roles in SEQUENCE_PRIVILEGES.items() for role in roles}
    async with connected(migrated_url) as connection:
        on_tables = await connection.fetch(
            "SELECT grantee::regrole::text AS role, relname AS name, privilege_type, '' AS column "
            "FROM pg_class, aclexplode(relacl) WHERE relnamespace = 'public'::regnamespace "
            "AND grantee = ANY($1::text[]::regrole[])",
            list(GRANTED_ROLES),
        )
        on_columns = await connection.fetch(
            "SELECT grantee::regrole::text AS role, relname AS name, privilege_type, attname AS column "
            "FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid, aclexplode(attacl) "
            "WHERE grantee = ANY($1::text[]::regrole[])",
            list(GRANTED_ROLES),
        )
        public = await connection.fetch(
            "SELECT relname FROM pg_class, aclexplode(relacl) "
            "WHERE relnamespace = 'public'::regnamespace AND grantee = 0"
        )
        functions = await connection.fetch(
            "SELECT proname FROM pg_proc WHERE prosecdef AND pronamespace = 'public'::regnamespace"
        )
    assert {tuple(row) for row in [*on_tables, *on_columns]} == declared
    assert not public
    assert {row["proname"] for row in functions} == set(FUNCTION_PRIVILEGES)


def _privileges(text: str) -> Iterator[tuple[str, str]]:
    """Each privilege of a GRANT with the column it is limited to, or an empty text."""
    left = text
    while left:
        privilege, bracket, rest = (
            left.partition(" (") if " (" in left.split(",")[0] else (left.split(",")[0], "", "")
        )
        if bracket:
            columns, _, left = rest.partition(")")
            yield from ((privilege.strip(), column.strip()) for column in columns.split(","))
        else:
            yield privilege.strip(), ""
            left = left[len(privilege) :]
        left = left.lstrip(", ")


NOBODY_MAY = [
    "DELETE FROM decisions",
    "UPDATE decisions SET outcome = 'approved'",
    "TRUNCATE decisions",
    "DELETE FROM audit_entries",
    "UPDATE audit_entries SET actor = 'nobody'",
    "DELETE FROM checkpoints",
    "UPDATE scoring_policies SET document = ''",
    "UPDATE product_definitions SET document = ''",
    "UPDATE model_bundles SET content = ''",
    "INSERT INTO users (name, role, password_hash) VALUES ('mallory', 'admin', 'x')",
    "DELETE FROM users",
    "UPDATE users SET role = 'admin'",
    "UPDATE users SET name = 'admin'",
    "LOCK TABLE users IN SHARE ROW EXCLUSIVE MODE",
    "UPDATE idempotency_keys SET subject = gen_random_uuid()",
    "UPDATE alembic_version SET version_num = '0000'",
    "ALTER TABLE decisions DISABLE TRIGGER append_only",
    "SET session_replication_role = replica",
    "CREATE TABLE mine (x int)",
    "CREATE TEMPORARY TABLE mine (x int)",
    "CREATE ROLE mallory SUPERUSER",
    "ALTER ROLE CURRENT_USER SUPERUSER",
    f"GRANT {API} TO {READ}",
    "COPY decisions TO PROGRAM 'true'",
    "SELECT pg_read_file('/etc/passwd')",
    "SELECT rolpassword FROM pg_authid",
]
MAY_NOT = {
    API: ["SELECT content FROM batch_chunks", "INSERT INTO batch_results VALUES (gen_random_uuid(), 1, '', '')"],
    WORKER: [
        "SELECT FROM users",
        "SELECT password_hash FROM users",
        "UPDATE users SET password_hash = 'x'",
        "SELECT loan_amnt FROM decisions",
        "SELECT subject FROM audit_entries",
        "UPDATE applications SET state = 'accepted'",
        "UPDATE application_references SET application_id = decision_id",
        "UPDATE cases SET decision_id = case_id",
        "DELETE FROM cases",
        "DELETE FROM superseded_decisions",
        "UPDATE superseded_decisions SET decision_id = superseded_by",
        "SELECT document FROM case_actions",
        "SELECT actor FROM application_actions",
        "INSERT INTO application_actions (action_id) VALUES (gen_random_uuid())",
        "INSERT INTO final_decisions (final_decision_id) VALUES (gen_random_uuid())",
        "SELECT FROM log_in_attempts",
        "DELETE FROM log_in_attempts",
        "SELECT FROM idempotency_keys",
        "INSERT INTO batches (batch_id) VALUES (gen_random_uuid())",
        "DELETE FROM batches",
        "SELECT results FROM batch_results",
        "INSERT INTO checkpoints (number) VALUES (9223372036854775807)",
        "SELECT make_decisions_month(current_date, 0)",
    ],
    READ: [
        "SELECT password_hash FROM users",
        "UPDATE users SET password_hash = 'x'",
        "INSERT INTO decisions (decision_id) VALUES (gen_random_uuid())",
        "INSERT INTO audit_entries (chain) VALUES (gen_random_uuid())",
        "INSERT INTO checkpoints (number) VALUES (9223372036854775807)",
        "SELECT FROM log_in_attempts",
        "SELECT key FROM idempotency_keys",
        "SELECT content FROM batch_chunks",
        "SELECT url FROM webhook_deliveries",
        "SELECT webhook_url FROM batches",
        "SELECT lease FROM batches",
        "UPDATE batches SET state = 'cancelled'",
        "DELETE FROM webhook_deliveries",
        "SELECT make_decisions_month(current_date, 0)",
    ],
}


@pytest.mark.parametrize("role", ROLES)
async def test_a_role_cannot_do_what_it_does_not_need(urls: dict[str, str], role: str) -> None:
    done = []
    async with connected(urls[role]) as connection:
        for statement in [*NOBODY_MAY, *MAY_NOT[role]]:
            transaction = connection.transaction()
            await transaction.start()
            try:
                await connection.execute(statement)
                done.append(statement)
            except asyncpg.InsufficientPrivilegeError:
                pass
            finally:
                await transaction.rollback()
    assert not done


async def test_the_former_role_cannot_change_users(migrated_url: str) -> None:
    execute(migrated_url, f"CREATE ROLE {FORMER_ROLE} NOLOGIN; GRANT ALL ON users TO {FORMER_ROLE}")
    await grant_privileges(migrated_url)
    async with connected(migrated_url) as connection:
        await connection.execute(f"SET ROLE {FORMER_ROLE}")
        for statement in ("DELETE FROM users", "UPDATE users SET role = 'admin'"):
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await connection.execute(statement)
    execute(migrated_url, f"DROP OWNED BY {FORMER_ROLE}; DROP ROLE {FORMER_ROLE}")


async def test_the_api_role_can_do_its_work(
    urls: dict[str, str], engines: dict[str, AsyncEngine], migrated_url: str
) -> None:
    owner = database_engine(migrated_url)
    await PostgresUsers(owner).add(a_user(name="olga"), event=an_event())
    await owner.dispose()
    engine = engines[API]
    await DatabaseDependency(engine).check()
    users = PostgresUsers(engine)
    assert await users.change_password("olga", "another", event=an_event())
    assert (found := await users.find("olga")) is not None
    assert found.password_hash == "another"
    async with postgres_store_at(urls[API]) as store:
        record = a_decision_record()
        claim = Claim("broker", "key", b"f" * 32)
        assert await store.ledger.record_once(record, claim) == record
        assert await store.ledger.record_once(a_decision_record(), claim) == record
        await store.ledger.record_all([a_decision_record() for _ in range(3)])
        assert await store.archive.find(record.decision_id) == record
        assert await store.checkpoint()
        assert await store.violations() == []
    await PostgresDecisionFigures(engine).over(Period.between(A_MOMENT, A_MOMENT + timedelta(days=1)))
    await PostgresPolicies(engine).archive(POLICY_1)
    await PostgresBundles(engine).archive(CHAMPION_FINGERPRINT, CHAMPION)
    await PostgresIdempotencyKeys(engine).purge(older_than=timedelta(), limit=10)
    attempts = PostgresLoginAttempts(engine, login_limits(), secret=b"s")
    for _ in range(2):
        await attempts.begin("olga", "192.0.2.1")
        await attempts.succeeded("olga", "192.0.2.1")
    await attempts.purge(limit=10)
    assert await PostgresDecisionPartitions(engine).create(Month.of(datetime.now(UTC)))
    outbox = PostgresOutbox(engine)
    assert await outbox.dead_letters(limit=1) == []


async def test_the_api_and_worker_roles_can_process_a_batch(
    urls: dict[str, str], engines: dict[str, AsyncEngine]
) -> None:
    batches = PostgresBatches(urls[API], engines[API])
    work = PostgresBatchWork(urls[WORKER], engines[WORKER])
    batch_store = BatchStore(
        batches, work, PostgresDecisionArchive(engines[API]), PostgresAuditTrail(engines[READ])
    )
    batch = await batch_store.submit_file(key=IdempotencyKey("march"), webhook_url="http://192.0.2.1/webhook")
    assert await batch_store.worker()(stopping=lambda: False) is not None
    done = await batches.find(batch.batch_id)
    assert done is not None
    assert (done.state, done.progress.rows_read) == (BatchState.DONE, 250)
    assert b"".join([part async for part in batches.output(batch.batch_id, BatchOutput.RESULTS)])
    assert await batch_store.on_record() == 250
    outbox = PostgresOutbox(engines[WORKER])
    message = await outbox.lease_next(duration=timedelta(minutes=1))
    assert message is not None
    await outbox.mark_failed(message.delivery_id, "away", retry_in=None)
    assert (await PostgresStoredStates(engines[API]).read()).dead_letters == 1
    await PostgresOutbox(engines[API]).requeue(message.delivery_id)
    await DatabaseDependency(engines[WORKER]).check()
    await PostgresPolicies(engines[WORKER]).archive(POLICY_1)
    await PostgresBundles(engines[WORKER]).archive(CHAMPION_FINGERPRINT, CHAMPION)
    await batches.cancel((await batch_store.submit_file()).batch_id, an_event(at=datetime.now(UTC)))
    assert await batches.purge(older_than=timedelta(), limit=10) == 2
    await work.close()


async def test_the_worker_role_can_supersede_decisions_and_withdraw_their_cases(
    urls: dict[str, str], engines: dict[str, AsyncEngine]
) -> None:
    """Also an application that was decided again before, and one that was withdrawn, whose actions it reads."""
    supersede = postgres_superseding(engines[WORKER])
    async with postgres_store_at(urls[API]) as store:
        due = A_MOMENT + timedelta(hours=48)
        decision = a_decision(outcome=Outcome.REFERRED)
        usual = {"trial": False, "decision": decision, "case_due_at": due}
        first = a_decision_record(identity=ApplicationIdentity("LN-1", "A-1"), **usual)
        other = a_decision_record(identity=ApplicationIdentity("LN-2"), **usual)
        for record in (first, other):
            await store.ledger.record(record)
        for superseded in (first.decision_id, first_again := uuid4()):
            decision_id = first_again if superseded == first.decision_id else uuid4()
            again = replace(
                first,
                decision_id=decision_id,
                supersedes=superseded,
                supersedes_reason=SupersedesReason.CORRECTION,
            )
            assert not (await supersede(again)).replayed
            assert (await supersede(replace(again, decision_id=uuid4()))).replayed
        case = await PostgresCases(engines[API]).find(first.decision_id)
        assert case is not None
        assert case.state is CaseState.WITHDRAWN
        applications = PostgresApplications(engines[API])
        seen = await applications.find(other.decision_id)
        assert seen is not None
        details = Withdrawal(WithdrawalReason.NO_LONGER_NEEDED, "", ApplicationState.REFERRED)
        by = first.requested_by
        action = ApplicationAction(uuid4(), other.decision_id, other.decision_id, 1, A_MOMENT, by, details)
        await applications.append(action, seen)
        with pytest.raises(AlreadyWithdrawn):
            await supersede(
                replace(
                    other,
                    decision_id=uuid4(),
                    supersedes=other.decision_id,
                    supersedes_reason=SupersedesReason.CORRECTION,
                )
            )
    async with postgres_store_at(urls[READ]) as store:
        assert await store.violations() == []


async def test_the_reader_roles_can_verify_and_report(urls: dict[str, str], migrated_url: str) -> None:
    async with postgres_store_at(migrated_url) as store:
        await store.ledger.record(a_decision_record())
        await store.checkpoint()
    async with postgres_store_at(urls[READ]) as store:
        assert await store.violations() == []
    async with connected(urls[READ]) as connection:
        assert await connection.fetch("SELECT name, role FROM users") == []
        assert await connection.fetchval("SELECT count(*) FROM batches") == 0


async def test_users_are_administered_with_the_apis_login(
    urls: dict[str, str], engines: dict[str, AsyncEngine]
) -> None:
    users = PostgresUsers(engines[API])
    assert await users.add(a_user(name="ada", role=Role.ADMIN), event=an_event())
    assert await users.add(a_user(name="olga"), event=an_event())
    assert await users.change_role("olga", Role.AUDITOR, event=an_event())
    assert await users.remove("olga", event=an_event())
    async with connected(urls[API]) as connection:  # of the same login: the role was that of the transactions
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await connection.execute("DELETE FROM users")
        assert await connection.fetchval("SELECT count(*) FROM recorded_events") == 4


@pytest.mark.parametrize("role", [WORKER, READ])
async def test_other_logins_cannot_administer_users(engines: dict[str, AsyncEngine], role: str) -> None:
    users = PostgresUsers(engines[role])
    with pytest.raises(InsufficientPrivileges, match="scoring migrate"):
        await users.add(a_user(name="mallory", role=Role.ADMIN), event=an_event())


async def test_injected_sql_does_not_change_users_with_the_role_of_administration(urls: dict[str, str]) -> None:
    """One statement, as injected SQL is: extended queries have no second one."""
    switched = f"set_config('role', '{ACCESS}', true)"
    statements = (
        f"WITH a AS (SELECT {switched}), b AS (DELETE FROM users RETURNING 1) SELECT * FROM a, b",  # noqa: S608 - it is meant
        f"SELECT {switched}, query_to_xml('DELETE FROM users RETURNING 1', true, true, '')",  # noqa: S608 - it is meant
        f"UPDATE users SET role = 'admin' WHERE {switched} = '{ACCESS}'",  # noqa: S608 - it is meant
    )
    async with connected(urls[API]) as connection:
        for statement in statements:
            with pytest.raises(asyncpg.PostgresError):
                await connection.fetch(statement)
        assert await connection.fetchval("SELECT current_user") == await connection.fetchval("SELECT session_user")
