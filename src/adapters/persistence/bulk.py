"""Many decisions in one transaction, as fast as one connection takes them: for files."""

import asyncio
from collections.abc import Iterator, Sequence
from typing import Any
from uuid import uuid4

from adapters.persistence.chained_writer import REFUSALS, link, refusal
from adapters.persistence.connections import connect_durably
from adapters.persistence.documents import encode
from adapters.persistence.recording import RECORD
from application.ports.decision_ledger import LedgerUnavailable, RecordRefused
from domain.audit.entry import ChainHead
from domain.policy.decision_record import DecisionRecord

_SLICE = 1000
_LONGEST_STATEMENT = 60.0


async def record_all_at_once(database_url: str, records: Sequence[DecisionRecord], *, patience: float) -> None:
    """Record them all behind a new chain, or none; durable when this returns.

    Raises LedgerUnavailable when the database does not answer (connecting: within `patience` seconds), and
    RecordRefused when it cannot hold one of them.
    """
    if not records:
        return
    try:
        connection = await connect_durably(database_url, timeout=patience)
        try:
            async with connection.transaction():
                await write_records(connection, records)
            await connection.close(timeout=2)
        finally:
            if not connection.is_closed():
                connection.terminate()
    except RecordRefused:
        raise
    except REFUSALS as fault:
        raise refusal(fault) from fault
    except Exception as fault:
        raise LedgerUnavailable(f"the database did not take the records ({type(fault).__name__})") from fault


async def write_records(
    connection: Any, records: Sequence[DecisionRecord], head: ChainHead | None = None
) -> ChainHead:
    """Write them in the connection's transaction behind the head, or a new chain's; gives the head after them.

    Each slice is prepared while PostgreSQL still writes the one before it.
    """
    statement = await connection.prepare(RECORD)
    head = head or ChainHead(uuid4())
    writing: asyncio.Task[object] | None = None
    try:
        for part in _slices(records):
            arguments, head = link(head, [(record, encode(record)) for record in part])
            if writing is not None:
                await writing
            writing = asyncio.create_task(statement.fetch(*arguments, timeout=_LONGEST_STATEMENT))
            await asyncio.sleep(0)  # lets the slice be sent
        if writing is not None:
            await writing
    except BaseException:
        if writing is not None:  # the connection must be free before it can roll back
            writing.cancel()
            await asyncio.wait([writing])
        raise
    return head


def _slices(records: Sequence[DecisionRecord]) -> Iterator[Sequence[DecisionRecord]]:
    return (records[start : start + _SLICE] for start in range(0, len(records), _SLICE))
