"""Statements that remove the partition of a month, or add it again. They need the owner of the tables."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from adapters.persistence.audit.pending_entries import with_pending
from adapters.persistence.decisions.month_archive.parquet_files import DECISION_COLUMNS, read_decisions
from adapters.persistence.monitoring.decision_aggregates import add_month, remove_month
from application.ports.decisions.month_archives import MonthNotArchivable
from application.ports.operations.database_dumps import Progress
from domain.cases.case_state import UNFINISHED
from domain.month import Month
from domain.notices.notice_state import NoticeState
from domain.policies.outcome import Outcome

_BOUND = """
SELECT pg_get_expr(relpartbound, pg_class.oid) FROM pg_inherits JOIN pg_class ON pg_class.oid = inhrelid
WHERE inhparent = 'decisions'::regclass AND relname = :name
"""
_LIMITS = "SELECT first_decision_id(:first)::text, first_decision_id(:beyond)::text"
_UNFINISHED_CASES = """
SELECT count(*) FROM cases
WHERE decision_id >= CAST(:first AS uuid) AND decision_id < CAST(:beyond AS uuid) AND state = ANY(:states)
"""
_DUE_NOTICES = f"""
SELECT count(*) FROM notices
WHERE decision_id >= CAST(:first AS uuid) AND decision_id < CAST(:beyond AS uuid)
    AND state = '{NoticeState.DUE.value}'
"""  # noqa: S608 - our own text
_FOLLOWED = "(SELECT chain, length FROM trail_positions WHERE consumer = 'notices') AS positions"
_WITHOUT_NOTICE = f"""
{with_pending(_FOLLOWED)}
SELECT count(*) FROM pending JOIN decisions ON decision_id = subject
WHERE decision_id >= CAST(:first AS uuid) AND decision_id < CAST(:beyond AS uuid)
    AND outcome = '{Outcome.DECLINED.value}' AND trial IS NOT TRUE
"""  # noqa: S608 - our own text
_ALL = 2**62
_APPEND_ONLY = (
    "CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {} "
    "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
)
LOCK_TIMEOUT = "SET LOCAL lock_timeout = '2s'"
"""Decisions wait for a statement that waits for a lock, so it must not wait long."""


def partition_of(month: Month) -> str:
    """The name of the month's partition."""
    return f"decisions_{month.year:04}_{month.number:02}"


async def require_partition(connection: AsyncConnection, month: Month) -> str:
    """The month's partition. Raises MonthNotArchivable unless it has exactly the bounds of the month."""
    name = partition_of(month)
    bound = (await connection.execute(text(_BOUND), {"name": name})).scalar_one_or_none()
    if bound is None:
        raise MonthNotArchivable(
            f"there is no partition {name}. The month may be archived already, or its decisions are in the "
            "partition of a longer time (decisions_before) or of none (decisions_default), which is not archived"
        )
    first, beyond = await limits_of(connection, month)
    if bound != f"FOR VALUES FROM ('{first}') TO ('{beyond}')":
        raise MonthNotArchivable(f"the partition {name} is not that of {month}: it is {bound}")
    return name


async def limits_of(connection: AsyncConnection, month: Month) -> tuple[str, str]:
    """The lowest identifier of the month, and that of the next month."""
    days = {"first": month.first_day, "beyond": month.later(1).first_day}
    row = (await connection.execute(text(_LIMITS), days)).one()
    return row[0], row[1]


async def drop_partition(connection: AsyncConnection, month: Month, decisions: int) -> None:
    """Detach and drop the partition if it has this many decisions. Raises MonthNotArchivable.

    Decisions of other months wait from the detaching to the commit: milliseconds.
    """
    name = await require_partition(connection, month)
    await _require_issued_notices(connection, month)
    await connection.execute(text(LOCK_TIMEOUT))
    await connection.execute(text(f"LOCK TABLE {name} IN SHARE MODE"))
    await _require_finished_cases(connection, month)
    found = (await connection.execute(text(f"SELECT count(*) FROM {name}"))).scalar_one()  # noqa: S608 - our own name
    if found != decisions:
        raise MonthNotArchivable(
            f"{month} has {found:,} decisions, its archive has {decisions:,}: archive the month again"
        )
    await remove_month(connection, month)
    await connection.execute(text(f"ALTER TABLE decisions DETACH PARTITION {name}"))
    await connection.execute(text(f"DROP TABLE {name}"))


async def _require_finished_cases(connection: AsyncConnection, month: Month) -> None:
    """Cases are resolved by what is recorded of their decisions; without it they would stay in the queue."""
    first, beyond = await limits_of(connection, month)
    parameters = {"first": first, "beyond": beyond, "states": [state.value for state in UNFINISHED]}
    unfinished = (await connection.execute(text(_UNFINISHED_CASES), parameters)).scalar_one()
    if unfinished:
        raise MonthNotArchivable(
            f"{unfinished:,} referral cases on decisions of {month} are not finished. Resolve them, or withdraw "
            "the applications, then drop the month"
        )


async def _require_issued_notices(connection: AsyncConnection, month: Month) -> None:
    """Letters state what is recorded of decisions; without it the notices that are due could not be issued."""
    first, beyond = await limits_of(connection, month)
    parameters = {"first": first, "beyond": beyond}
    due = (await connection.execute(text(_DUE_NOTICES), parameters)).scalar_one()
    if due:
        raise MonthNotArchivable(
            f"{due:,} notices about decisions of {month} are due. Issue their letters, then drop the month"
        )
    missing = (await connection.execute(text(_WITHOUT_NOTICE), {**parameters, "limit": _ALL})).scalar_one()
    if missing:
        raise MonthNotArchivable(
            f"{missing:,} declines of {month} have no notice yet: let the service run until it has made them due"
        )


async def add_partition(
    connection: AsyncConnection, month: Month, folder: Path, decisions: int, progress: Progress
) -> None:
    """Create the partition with the decisions in the folder. Raises MonthNotArchivable."""
    name = partition_of(month)
    if (await connection.execute(text("SELECT to_regclass(:name)"), {"name": name})).scalar_one():
        raise MonthNotArchivable(f"there is a table {name} already: the month is not archived")
    first, beyond = await limits_of(connection, month)
    within = f"decision_id >= '{first}' AND decision_id < '{beyond}'"
    await connection.execute(text(f"CREATE TABLE {name} (LIKE decisions INCLUDING ALL)"))
    # Attaching then need not read the table while it holds the lock.
    await connection.execute(text(f"ALTER TABLE {name} ADD CONSTRAINT of_month CHECK ({within})"))
    added = await _copy(connection, name, read_decisions(folder), decisions, progress)
    if added != decisions:
        raise MonthNotArchivable(f"the files have {added:,} decisions instead of {decisions:,}")
    await add_month(connection, month, name)
    await connection.execute(text(_APPEND_ONLY.format(name)))
    await connection.execute(text(LOCK_TIMEOUT))
    bounds = f"FOR VALUES FROM ('{first}') TO ('{beyond}')"
    await connection.execute(text(f"ALTER TABLE decisions ATTACH PARTITION {name} {bounds}"))
    await connection.execute(text(f"ALTER TABLE {name} DROP CONSTRAINT of_month"))


async def _copy(
    connection: AsyncConnection,
    table: str,
    chunks: Iterable[list[tuple[Any, ...]]],
    total: int,
    progress: Progress,
) -> int:
    driver: Any = (await connection.get_raw_connection()).driver_connection
    done = 0
    for rows in chunks:
        await driver.copy_records_to_table(table, records=rows, columns=DECISION_COLUMNS)
        done += len(rows)
        progress(done / max(total, 1), f"{done:,} decisions")
    return done
