"""Many decisions in one transaction, as fast as one connection takes them: for files."""

import asyncio
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any
from uuid import uuid4

from adapters.persistence.database.connections import connect_durably, leave
from adapters.persistence.decisions.chained_writer import REFUSALS, link, refusal
from adapters.persistence.decisions.documents import encode
from adapters.persistence.decisions.recording import RECORD
from application.ports.decisions.decision_ledger import LedgerUnavailable, RecordRefused
from domain.audit.entry import ChainHead
from domain.decisions.decision_record import DecisionRecord

_SLICE = 100
"""Few enough that one goes into a socket's buffer at once: the next is made while PostgreSQL works."""
_LONGEST = 60.0
"""Seconds for a slice."""


async def record_all_at_once(database_url: str, records: Iterable[DecisionRecord], *, patience: float) -> None:
    """Record them all behind a new chain, or none; durable when this returns.

    Raises LedgerUnavailable when the database does not answer (connecting: within `patience` seconds), and
    RecordRefused when it cannot hold one of them.
    """
    try:
        connection = await connect_durably(database_url, timeout=patience)
        try:
            async with connection.transaction():
                await write_records(connection, records)
        except BaseException:
            connection.terminate()
            raise
        await leave(connection)
    except RecordRefused:
        raise
    except REFUSALS as fault:
        raise refusal(fault) from fault
    except Exception as fault:
        raise LedgerUnavailable(f"the database did not take the records ({type(fault).__name__})") from fault


async def write_records(
    connection: Any, records: Iterable[DecisionRecord], head: ChainHead | None = None
) -> ChainHead:
    """Write them in the connection's transaction behind the head, or a new chain's; gives the head after them.

    While PostgreSQL writes a slice the next is being prepared. (The driver's `executemany` does so too, but a
    connection that is lost while it waits to send it takes for slow, until its time is up.)
    """
    statement = await connection.prepare(RECORD)
    chain = _Chaining(head or ChainHead(uuid4()))
    written: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
    written.set_result(None)
    try:
        for arguments in chain.arguments(records):
            await written
            written = asyncio.ensure_future(statement.fetch(*arguments, timeout=_LONGEST))
            await asyncio.sleep(0)  # it is sent
        await written
    finally:
        await asyncio.wait((written,))  # before that the connection takes nothing else, not even a rollback
    return chain.head


class _Chaining:
    """Records made ready slice by slice; `head` is that of the chain behind the last."""

    def __init__(self, head: ChainHead) -> None:
        self.head = head

    def arguments(self, records: Iterable[DecisionRecord]) -> Iterator[list[Any]]:
        """The arguments of RECORD for a slice after another."""
        left = iter(records)
        while part := list(islice(left, _SLICE)):
            arguments, self.head = link(self.head, [(record, encode(record)) for record in part])
            yield arguments
