"""One INSERT with the privileges of the service's role does no lasting harm to the audit trail."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import asyncpg
import pytest

from adapters.persistence.database.connections import database_engine
from adapters.persistence.database.privileges import API
from adapters.persistence.database.service_roles import grant_privileges
from adapters.persistence.models.bundles import PostgresBundles
from adapters.persistence.policies.policies import PostgresPolicies
from application.ports.batches.batch_work import DecidedChunk
from application.ports.decisions.idempotency import Claim
from application.ports.operations.dependencies import DependencyUnavailable
from application.use_cases.audit.create_checkpoint import CreateCheckpoint
from domain.access.user import Actor, Role
from domain.audit.entry import ChainHead
from domain.audit.subject import SubjectKind
from domain.batches.batch import BatchProgress
from domain.policies.version_1 import POLICY_1
from domain.products.personal_loan import PERSONAL_LOAN
from support.batches import OpenBatchStore
from support.builders import A_MOMENT, a_decision_record
from support.databases import SIGNER, Store, a_login, connected
from support.memory.clock import FixedClock
from support.other_models import CHAMPION, CHAMPION_FINGERPRINT, another_model

LARGEST = 2**63 - 1
HASH = "sha256('forged')"


@pytest.fixture
async def service_url(migrated_url: str) -> AsyncIterator[str]:
    """The address of a login with the privileges of the running service only."""
    await grant_privileges(migrated_url)
    with a_login(migrated_url, f"IN ROLE {API}") as url:
        yield url


async def insert(url: str, statement: str) -> None:
    async with connected(url) as connection:
        await connection.execute(statement)


async def fetch(url: str, statement: str) -> list[Any]:
    async with connected(url) as connection:
        return list(await connection.fetch(statement))


def a_checkpoint_row(number: int) -> str:
    key = SIGNER.public_key.hex()
    return (
        "INSERT INTO checkpoints (number, at, previous, public_key, signature) "  # noqa: S608 - a test's own text
        f"VALUES ({number}, now(), {HASH}, '\\x{key}', sha512('forged'))"
    )


def an_entry_row(chain: object, sequence: int) -> str:
    return (
        "INSERT INTO audit_entries "  # noqa: S608 - a test's own text
        "(chain, sequence, at, actor, action, subject, content_digest, previous, digest) VALUES "
        f"('{chain}', {sequence}, now(), 'mallory', 'decision recorded', gen_random_uuid(), "
        f"{HASH}, {HASH}, {HASH})"
    )


async def live_chain(store: Store) -> ChainHead:
    """The chain that the ledger is writing."""
    await store.ledger.record(a_decision_record())
    entries = [entry async for entry, _ in store.trail.entries()]
    return ChainHead(entries[-1].chain, entries[-1].sequence, entries[-1].digest)


@pytest.mark.parametrize("number", [LARGEST, 3, 2_000])
async def test_a_skipped_checkpoint_number_is_refused_and_checkpoints_continue(
    service_url: str, postgres_store: Store, number: int
) -> None:
    await postgres_store.ledger.record(a_decision_record())
    assert await postgres_store.checkpoint()
    with pytest.raises(asyncpg.CheckViolationError, match=f"checkpoint {number} must follow"):
        await insert(service_url, a_checkpoint_row(number))
    await postgres_store.ledger.record(a_decision_record())
    made = await postgres_store.checkpoint()
    assert made is not None
    assert made.checkpoint.number == 2
    assert await postgres_store.violations() == []


async def test_two_writers_leave_no_gap_in_the_numbers(service_url: str, postgres_store: Store) -> None:
    await postgres_store.ledger.record(a_decision_record())
    await postgres_store.checkpoint()
    async with connected(service_url) as first, first.transaction():
        await first.execute(a_checkpoint_row(2))
        with pytest.raises(asyncpg.CheckViolationError):  # 2 is not committed yet
            await insert(service_url, a_checkpoint_row(3))


async def test_a_forged_checkpoint_is_reported_and_the_next_covers_every_chain(
    service_url: str, postgres_store: Store
) -> None:
    await postgres_store.ledger.record_all([a_decision_record() for _ in range(3)])
    head = (await postgres_store.checkpoints.uncheckpointed_heads())[0]
    await insert(
        service_url,
        f"{a_checkpoint_row(1)}; INSERT INTO checkpoint_heads (chain, length, number, digest) "  # noqa: S608 - a test's own text
        f"VALUES ('{head.chain}', {head.length}, 1, '\\x{head.digest.hex()}')",
    )
    made = await postgres_store.checkpoint()
    assert made is not None
    assert (made.checkpoint.number, made.checkpoint.heads) == (2, (head,))
    found = [(one.checkpoint, one.why) for one in await postgres_store.violations()]
    assert found == [(1, "its signature does not match its content")]


async def test_a_forged_checkpoint_does_not_stop_checkpoints(service_url: str, postgres_store: Store) -> None:
    await postgres_store.ledger.record(a_decision_record())
    await insert(service_url, a_checkpoint_row(1))
    ((at,),) = await fetch(service_url, "SELECT at FROM checkpoints")
    make = CreateCheckpoint(postgres_store.checkpoints, SIGNER, FixedClock(at))
    assert await make(by=Actor("arthur", Role.AUDITOR), unless_within=timedelta(seconds=30))


@pytest.mark.parametrize("length", [2, LARGEST])
async def test_a_head_without_an_entry_is_refused(service_url: str, postgres_store: Store, length: int) -> None:
    head = await live_chain(postgres_store)
    await postgres_store.checkpoint()
    with pytest.raises(asyncpg.ForeignKeyViolationError, match="no audit entry"):
        await insert(
            service_url,
            f"INSERT INTO checkpoint_heads VALUES ('{head.chain}', {length}, 1, {HASH})",  # noqa: S608 - a test's own text
        )
    await postgres_store.ledger.record(a_decision_record())
    made = await postgres_store.checkpoint()
    assert made is not None
    assert [each.length for each in made.checkpoint.heads] == [2]


async def test_a_head_with_another_digest_is_refused(service_url: str, postgres_store: Store) -> None:
    head = await live_chain(postgres_store)
    await postgres_store.checkpoint()
    with pytest.raises(asyncpg.ForeignKeyViolationError, match="has this digest"):
        await insert(
            service_url,
            f"INSERT INTO checkpoint_heads VALUES ('{head.chain}', 1, 1, {HASH})",  # noqa: S608 - a test's own text
        )


@pytest.mark.parametrize("sequence", [1_000, LARGEST])
async def test_an_entry_far_ahead_does_not_block_checkpoints_of_the_chain(
    service_url: str, postgres_store: Store, sequence: int
) -> None:
    head = await live_chain(postgres_store)
    await insert(service_url, an_entry_row(head.chain, sequence))
    first = await postgres_store.checkpoint()
    await postgres_store.ledger.record(a_decision_record())
    second = await postgres_store.checkpoint()
    assert first is not None
    assert second is not None
    assert [[each.length for each in made.checkpoint.heads] for made in (first, second)] == [[1], [2]]
    assert await postgres_store.checkpoint() is None
    found = await postgres_store.violations()
    assert [(one.sequence, one.why) for one in found] == [(sequence, "entry 3 is missing")]


@pytest.mark.parametrize("claimed", [False, True])
async def test_an_entry_at_the_next_position_does_not_end_recording(
    service_url: str, postgres_store: Store, claimed: bool, caplog: pytest.LogCaptureFixture
) -> None:
    head = await live_chain(postgres_store)
    await insert(service_url, an_entry_row(head.chain, head.length + 1))
    claim = Claim("marta", "key", bytes(32)) if claimed else None
    records = [a_decision_record() for _ in range(3)]
    outcomes = await postgres_store.ledger.record_each([(record, claim) for record in records[:1]])
    assert list(outcomes) == records[:1]
    await asyncio.gather(*(postgres_store.ledger.record(record) for record in records[1:]))
    assert "that this process did not write" in caplog.text
    found = await postgres_store.verify()
    assert found.chains == 2
    assert {(one.chain, one.sequence) for one in found.violations} == {(head.chain, head.length + 1)}


async def test_a_chain_starting_at_the_largest_number_is_reported_and_harmless(
    service_url: str, postgres_store: Store
) -> None:
    await insert(service_url, an_entry_row("00000000-0000-0000-0000-000000000001", LARGEST))
    await postgres_store.ledger.record(a_decision_record())
    made = await postgres_store.checkpoint()
    assert made is not None
    assert [each.length for each in made.checkpoint.heads] == [1]
    assert [(one.sequence, one.why) for one in await postgres_store.violations()] == [
        (LARGEST, "entry 1 is missing")
    ]


@pytest.mark.parametrize("document", ["{}", POLICY_1.document.replace("0.21", "0.25")])
async def test_a_policy_cannot_replace_another(service_url: str, document: str) -> None:
    async with connected(service_url) as connection:
        with pytest.raises(asyncpg.CheckViolationError, match="does not have the fingerprint"):
            await connection.execute(
                "INSERT INTO scoring_policies VALUES ($1, '1', $2)", POLICY_1.fingerprint, document
            )
    engine = database_engine(service_url)
    await PostgresPolicies(engine).archive(POLICY_1)
    assert await PostgresPolicies(engine).find("1", POLICY_1.fingerprint, PERSONAL_LOAN) == POLICY_1
    await engine.dispose()


FORGERIES = {
    "another list of sums": {"SHA256SUMS": b"forged"},
    "a file without the list": {"trees.txt": CHAMPION["trees.txt"]},
    "a damaged file": CHAMPION | {"trees.txt": b"oak"},
    "a file that is not listed": CHAMPION | {"extra.txt": b"extra"},
    "another model": another_model(),
}


@pytest.mark.parametrize("files", FORGERIES.values(), ids=FORGERIES)
async def test_a_bundle_cannot_replace_another(service_url: str, files: dict[str, bytes]) -> None:
    rows = [(CHAMPION_FINGERPRINT, name, content) for name, content in files.items()]
    async with connected(service_url) as connection:
        with pytest.raises(asyncpg.CheckViolationError, match="does not belong to the model bundle"):
            await connection.executemany("INSERT INTO model_bundles VALUES ($1, $2, $3)", rows)
    engine = database_engine(service_url)
    bundles = PostgresBundles(engine)
    await bundles.archive(CHAMPION_FINGERPRINT, CHAMPION)
    assert await bundles.find(CHAMPION_FINGERPRINT) == CHAMPION
    await engine.dispose()


async def test_an_entry_at_the_next_position_does_not_end_a_workers_recording(
    service_url: str, postgres_store: Store, open_postgres_batch_store: OpenBatchStore
) -> None:
    batch_store = open_postgres_batch_store(15.0)
    await batch_store.submit_file()
    lease = await batch_store.work.lease_next(A_MOMENT)
    assert lease is not None
    lease = await batch_store.work.record(lease, a_chunk(1))
    (entry,) = [each async for each, _ in postgres_store.trail.entries() if each.kind is SubjectKind.DECISION]
    await insert(service_url, an_entry_row(entry.chain, 2))
    with pytest.raises(DependencyUnavailable, match="continues on a new one"):
        await batch_store.work.record(lease, a_chunk(2))
    await batch_store.work.record(lease, a_chunk(2))
    found = await postgres_store.verify()
    assert (found.chains, found.entries) == (3, 4)  # one chain and entry for the submission
    assert {(one.chain, one.sequence) for one in found.violations} == {(entry.chain, 2)}


def a_chunk(number: int) -> DecidedChunk:
    progress = BatchProgress(rows_read=number, referred=number, share_done=0.5, chunks=number)
    return DecidedChunk([a_decision_record()], b"results\n", b"errors\n", progress)
