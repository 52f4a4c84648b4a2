"""A month is archived with what proves it, verified from its files, dropped, and put back."""

import asyncio
import json
import shutil
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path

import polars as pl
import pytest
from click.testing import CliRunner, Result

from adapters.persistence.database.connections import database_engine
from adapters.persistence.database.migrations import migrate
from adapters.persistence.decisions.documents import encode
from adapters.persistence.monitoring.decision_aggregates import PostgresDecisionAggregates
from adapters.persistence.monitoring.decision_figures import PostgresDecisionFigures
from adapters.persistence.notices.notice_follower import NoticeFollower
from adapters.system import TimeOrderedIdentifiers
from application.use_cases.monitoring.aggregate_decisions import AggregateDecisions
from domain.access.user import Actor, Role
from domain.decisions.decision_record import DecisionRecord
from domain.decisions.unreadable_decision import UnreadableDecision
from domain.monitoring.overview_filter import OverviewFilter
from domain.monitoring.period import Period
from domain.month import Month
from domain.notices.deadlines import NoticeClock, NoticeTerms
from domain.policies.outcome import Outcome
from entrypoints.cli.archive import command
from support.builders import A_MOMENT, a_decision, a_decision_record, an_identifier
from support.databases import SIGNER, Store, connected, postgres_store_at
from support.engines import execute
from support.memory.clock import FixedClock

THIS_MONTH = Month.of(datetime.now(UTC))
LAST_MONTH = THIS_MONTH.later(-1)
PARTITION = f"decisions_{LAST_MONTH.year}_{LAST_MONTH.number:02}"
IN_LAST_MONTH = datetime(LAST_MONTH.year, LAST_MONTH.number, 20, tzinfo=UTC)
Archive = Callable[..., Result]


@dataclass(frozen=True)
class Recorded:
    """A database with decisions of two months in the same chains."""

    url: str
    of_last_month: list[DecisionRecord]
    of_this_month: list[DecisionRecord]


@pytest.fixture
def recorded(database_url: str) -> Recorded:
    return record_two_months(database_url)


def record_two_months(url: str) -> Recorded:
    """Record decisions of last month and of this one in an empty database."""
    return Recorded(url, *asyncio.run(_record(url)))


async def _record(url: str) -> tuple[list[DecisionRecord], list[DecisionRecord]]:
    await migrate(url)
    async with connected(url) as connection:
        await connection.execute("SELECT make_decisions_month($1, 0)", LAST_MONTH.first_day)
    old = [
        a_decision_record(decision_id=an_identifier(IN_LAST_MONTH + timedelta(minutes=number)))
        for number in range(30)
    ]
    new = [a_decision_record(decision_id=TimeOrderedIdentifiers().new()) for _ in range(5)]
    async with postgres_store_at(url) as store:
        await store.ledger.record_all(new[:2])
        await store.ledger.record_all(old[:10])
        await store.checkpoint(IN_LAST_MONTH)
        await store.ledger.record_all([*old[10:], *new[2:4]])
        await store.checkpoint(IN_LAST_MONTH + timedelta(days=1))
        await store.ledger.record_all(new[4:])
        await store.checkpoint(IN_LAST_MONTH + timedelta(days=2))
    return old, new


@asynccontextmanager
async def store_of(recorded: Recorded) -> AsyncIterator[Store]:
    async with postgres_store_at(recorded.url) as store:
        yield store


@pytest.fixture
def archive(recorded: Recorded, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Archive:
    """Runs `scoring archive` on the database."""
    monkeypatch.setenv("SCORING_DATABASE_URL", recorded.url)
    monkeypatch.setenv("SCORING_DATA_DIR", str(tmp_path / "data"))
    return lambda *arguments: CliRunner().invoke(command, list(map(str, arguments)))


@pytest.fixture
def archived(archive: Archive, tmp_path: Path) -> Path:
    """An archive of last month."""
    made = archive(LAST_MONTH, tmp_path / "archive")
    assert made.exit_code == 0, made.output
    assert f"30 decisions of {LAST_MONTH}" in made.output
    assert "from its files and against the database: no issues" in made.output
    return tmp_path / "archive"


def test_a_month_is_archived_dropped_and_put_back(archived: Path, archive: Archive, recorded: Recorded) -> None:
    dropped = archive("drop", archived)
    assert dropped.exit_code == 0, dropped.output

    async def after_drop() -> None:
        async with store_of(recorded) as store:
            assert await store.archive.find(recorded.of_last_month[0].decision_id) is None
            assert await store.archive.find(recorded.of_this_month[0].decision_id) is not None
            found = await store.verify(archived=[LAST_MONTH])
            assert (found.violations, found.archived, found.events) == ((), 30, 2)

    asyncio.run(after_drop())
    alone = archive("verify", archived)
    assert (alone.exit_code, "verified from its files: no issues" in alone.output) == (0, True), alone.output
    compared = archive("verify", archived, "--against-database")
    assert compared.exit_code == 0, compared.output
    restored = archive("restore", archived)
    assert restored.exit_code == 0, restored.output

    async def after_restore() -> None:
        async with store_of(recorded) as store:
            for record in (*recorded.of_last_month, *recorded.of_this_month):
                assert await store.archive.find(record.decision_id) == record
            found = await store.verify()
            assert (found.violations, found.archived, found.events) == ((), 0, 3)
        async with connected(recorded.url) as connection:
            place = await connection.fetchval(
                "SELECT tableoid::regclass::text FROM decisions WHERE decision_id = $1",
                recorded.of_last_month[0].decision_id,
            )
            assert place == PARTITION

    asyncio.run(after_restore())
    with pytest.raises(Exception, match=f"{PARTITION} is append-only"):
        execute(recorded.url, f"DELETE FROM {PARTITION}")  # noqa: S608 - our own name


def test_a_month_with_unfinished_cases_is_not_dropped(
    archive: Archive, recorded: Recorded, tmp_path: Path
) -> None:
    """A case of a dropped decision could be claimed, but neither resolved nor withdrawn."""
    referred = [
        a_decision_record(
            decision_id=an_identifier(IN_LAST_MONTH + timedelta(hours=hour)),
            trial=False,
            case_due_at=IN_LAST_MONTH + timedelta(days=2),
        )
        for hour in (20, 21)
    ]

    async def record() -> None:
        async with store_of(recorded) as store:
            await store.ledger.record_all(referred)
            await store.checkpoint(IN_LAST_MONTH + timedelta(days=3))

    asyncio.run(record())
    assert archive(LAST_MONTH, tmp_path / "archive").exit_code == 0
    for finished, problem in ((None, "2 referral cases"), ("resolved", "1 referral cases"), ("expired", "")):
        if finished:
            identifier = referred.pop().decision_id
            execute(recorded.url, f"UPDATE cases SET state = '{finished}' WHERE case_id = '{identifier}'")  # noqa: S608
        dropped = archive("drop", tmp_path / "archive")
        assert (dropped.exit_code == 0, problem in str(dropped.exception)) == (not problem, True), dropped.output


def test_a_month_with_notices_that_are_due_is_not_dropped(
    archive: Archive, recorded: Recorded, tmp_path: Path
) -> None:
    """No letter could be made from a decision that is gone, and no notice of one become due."""
    declined = a_decision_record(
        decision_id=an_identifier(IN_LAST_MONTH + timedelta(hours=20)),
        trial=False,
        decision=a_decision(outcome=Outcome.DECLINED),
    )

    async def record() -> None:
        async with store_of(recorded) as store:
            await store.ledger.record(declined)
            await store.checkpoint(IN_LAST_MONTH + timedelta(days=3))

    async def follow() -> None:
        engine, now = database_engine(recorded.url), FixedClock(IN_LAST_MONTH + timedelta(days=4))
        clock = NoticeClock(NoticeTerms(), UTC)
        by = Actor("system:service", Role.AUDITOR)
        await NoticeFollower(engine, clock, now, TimeOrderedIdentifiers(), by).follow(1000)
        await engine.dispose()

    asyncio.run(record())
    assert archive(LAST_MONTH, tmp_path / "archive").exit_code == 0
    dropped = archive("drop", tmp_path / "archive")
    assert f"1 declines of {LAST_MONTH} have no notice yet" in str(dropped.exception)
    asyncio.run(follow())
    dropped = archive("drop", tmp_path / "archive")
    assert f"1 notices about decisions of {LAST_MONTH} are due" in str(dropped.exception)
    execute(recorded.url, "UPDATE notices SET state = 'delivered', issued_at = now()")
    dropped = archive("drop", tmp_path / "archive")
    assert dropped.exit_code == 0, dropped.output


def test_the_archive_verifies_without_any_database(
    archived: Path, archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SCORING_DATABASE_URL", "postgresql://nobody@127.0.0.1:1/nothing")
    found = archive("verify", archived, "--key", SIGNER.public_key.hex())
    assert (found.exit_code, SIGNER.public_key.hex() in found.output) == (0, True), found.output
    other = archive("verify", archived, "--key", "ab" * 32)
    assert other.exit_code == 1
    assert "signed with a key that is not trusted" in other.output


def test_a_document_of_a_later_release_is_archived_and_restored_like_the_others(
    archive: Archive, recorded: Recorded, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A release that cannot read a document still verifies its bytes."""
    later = a_decision_record(decision_id=an_identifier(IN_LAST_MONTH))
    document = json.dumps(json.loads(encode(later)) | {"kind": "decision", "schema": 99}).encode()

    async def record() -> None:
        with monkeypatch.context() as patched:
            patched.setattr("adapters.persistence.decisions.bulk.encode", lambda _: document)
            async with store_of(recorded) as store:
                await store.ledger.record_all([later])
                await store.checkpoint(IN_LAST_MONTH + timedelta(days=3))

    asyncio.run(record())
    for arguments in ((LAST_MONTH,), ("drop",), ("restore",)):
        made = archive(*arguments, tmp_path / "archive")
        assert made.exit_code == 0, made.output

    async def after_restore() -> None:
        async with store_of(recorded) as store:
            found = await store.archive.find(later.decision_id)
            assert isinstance(found, UnreadableDecision)
            assert "schema 99" in found.problem
            assert found.digest == sha256(document).hexdigest()
            assert await store.archive.find(recorded.of_last_month[0].decision_id) == recorded.of_last_month[0]
            assert await store.violations() == []

    asyncio.run(after_restore())


def test_a_damaged_decision_is_named_when_its_month_is_archived(
    archive: Archive, recorded: Recorded, tmp_path: Path
) -> None:
    damaged = recorded.of_last_month[3].decision_id
    execute(
        recorded.url,
        "SET session_replication_role = replica; "  # noqa: S608 - our own identifier
        f"UPDATE decisions SET document = left(document, 50) WHERE decision_id = '{damaged}'",
    )
    found = archive(LAST_MONTH, tmp_path / "archive")
    assert found.exit_code == 1
    assert str(damaged) in found.output
    assert "the record was altered" in found.output


def forge(
    folder: Path, change: Callable[[pl.DataFrame], pl.DataFrame], name: str = "entries-00001.parquet"
) -> None:
    """Change a file of the archive, and its digest in the manifest."""
    file = folder / name
    change(pl.read_parquet(file)).write_parquet(file)
    manifest = json.loads((folder / "manifest.json").read_text())
    manifest["files"][name] = {"bytes": file.stat().st_size, "sha256": sha256(file.read_bytes()).hexdigest()}
    (folder / "manifest.json").write_text(json.dumps(manifest))


OF_THE_MONTH = pl.col("document").is_not_null()


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        (
            lambda rows: rows.with_columns(
                document=pl.col("document").str.replace("64000.5", "99000.5", literal=True)
            ),
            "the record was altered",
        ),
        (lambda rows: rows.with_columns(outcome=pl.when(OF_THE_MONTH).then(pl.lit("approved"))), "altered"),
        (lambda rows: rows.filter(pl.col("sequence") != 7), "entry 7 is missing"),
        (
            lambda rows: rows.with_columns(document=pl.when(pl.col("sequence") != 7).then(pl.col("document"))),
            "the record is missing",
        ),
        (lambda rows: rows.with_columns(actor=pl.lit("mallory")), "its digest does not match its content"),
        (lambda rows: rows.head(rows.height - 1), "cannot be found"),
        (lambda rows: rows.tail(rows.height - 1), "the manifest states 30 decisions, the files have 29"),
    ],
    ids=["document", "column", "entry", "no document", "actor", "end", "beginning"],
)
def test_a_forged_archive_is_found_without_the_database(
    archived: Path, archive: Archive, change: Callable[[pl.DataFrame], pl.DataFrame], fault: str
) -> None:
    forge(archived, change)
    found = archive("verify", archived)
    assert (found.exit_code, fault in found.output) == (1, True), found.output
    refused = archive("drop", archived)
    assert refused.exit_code == 1
    assert "cannot be used" in str(refused.exception)


def test_forged_checkpoints_are_found(archived: Path, archive: Archive) -> None:
    forge(archived, lambda rows: rows.filter(pl.col("length") < 15), "checkpoint_heads.parquet")
    found = archive("verify", archived)
    assert found.exit_code == 1
    assert "its signature does not match its content" in found.output
    assert "no verified checkpoint states entry" in found.output


def test_an_archive_that_is_not_of_this_trail_is_never_dropped(
    archived: Path, archive: Archive, recorded: Recorded
) -> None:
    """A whole archive of the same month, but of another database."""
    execute(
        recorded.url,
        "ALTER TABLE audit_entries DISABLE TRIGGER append_only; "
        "UPDATE audit_entries SET actor = 'mallory' WHERE sequence = 8; "
        "ALTER TABLE audit_entries ENABLE TRIGGER append_only",
    )
    assert archive("verify", archived).exit_code == 0
    compared = archive("verify", archived, "--against-database")
    assert compared.exit_code == 1
    assert "in the database differs from the archive" in compared.output
    refused = archive("drop", archived)
    assert refused.exit_code == 1
    assert "differs from the archive" in str(refused.exception)


def test_a_damaged_file_is_named(archived: Path, archive: Archive, tmp_path: Path) -> None:
    damaged = tmp_path / "damaged"
    shutil.copytree(archived, damaged)
    (damaged / "entries-00001.parquet").write_bytes(b"PAR1")
    assert "entries-00001.parquet has 4 bytes" in str(archive("verify", damaged).exception)


def test_months_that_cannot_be_archived_are_refused(archive: Archive, tmp_path: Path) -> None:
    for month, why in (
        (THIS_MONTH, "has not ended"),
        (THIS_MONTH.later(2), "has not ended"),
        (Month(2019, 5), "there is no partition decisions_2019_05"),
    ):
        refused = archive(month, tmp_path / "archive")
        assert why in str(refused.exception)
        assert not (tmp_path / "archive").exists()
    assert "a month has the form 2024-12" in archive("2024", tmp_path / "archive").output


def test_a_month_without_a_covering_checkpoint_is_not_archived(
    archive: Archive, recorded: Recorded, tmp_path: Path
) -> None:
    async def one_more() -> None:
        async with store_of(recorded) as store:
            await store.ledger.record(a_decision_record(decision_id=an_identifier(IN_LAST_MONTH)))

    asyncio.run(one_more())
    assert "no checkpoint covers the end of chain" in str(archive(LAST_MONTH, tmp_path / "archive").exception)


def test_a_month_that_grew_is_not_dropped(archived: Path, archive: Archive, recorded: Recorded) -> None:
    async def one_more() -> None:
        async with store_of(recorded) as store:
            await store.ledger.record(a_decision_record(decision_id=an_identifier(IN_LAST_MONTH)))

    asyncio.run(one_more())
    assert "the audit trail has 31 decisions" in str(archive("drop", archived).exception)


@pytest.mark.parametrize("added", ["before", "after"])
def test_an_overview_has_no_decisions_of_archived_months(
    archived: Path, archive: Archive, recorded: Recorded, added: str
) -> None:
    """Whether the aggregates were complete when the month was dropped, or are built while it is archived."""

    async def totals(*, add: bool = False) -> tuple[int, int]:
        """By aggregates as they are, and by rows."""
        engine = database_engine(recorded.url)
        if add:
            await AggregateDecisions(PostgresDecisionAggregates(engine))(lambda share, text: None)
        period = Period.between(A_MOMENT - timedelta(days=1), A_MOMENT + timedelta(days=1))
        wanted = OverviewFilter(include_trials=True)
        figures = [
            await PostgresDecisionFigures(engine, max_pending=limit).over(period, wanted) for limit in (99, -1)
        ]
        await engine.dispose()
        return figures[0].outcomes.total, figures[1].outcomes.total

    assert asyncio.run(totals(add=added == "before")) == (35, 35)
    assert archive("drop", archived).exit_code == 0
    assert asyncio.run(totals(add=added == "after")) == (5, 5)
    assert archive("restore", archived).exit_code == 0
    assert asyncio.run(totals()) == (35, 35)
    assert asyncio.run(totals(add=True)) == (35, 35)


async def test_a_drop_gives_way_to_long_readers(
    archived: Path, archive: Archive, recorded: Recorded, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Decisions wait at most for the lock timeout, and nothing is lost."""
    monkeypatch.setattr("adapters.persistence.decisions.month_archive.month_archives._ATTEMPTS", 1)
    async with connected(recorded.url) as reader, reader.transaction():
        await reader.fetch("SELECT count(*) FROM decisions")
        refused = await asyncio.to_thread(archive, "drop", archived)
        assert "long statements read the decisions" in str(refused.exception)
        assert await reader.fetchval(f"SELECT count(*) FROM {PARTITION}") == 30  # noqa: S608 - our own name
