"""Many decisions in one transaction, as fast as one connection can write them: for files."""

import asyncio
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Any
from uuid import uuid4

import asyncpg

from adapters.persistence.database.connections import close_quietly, connect_durably
from adapters.persistence.decisions.chained_writer import REFUSALS, link, record_refused
from adapters.persistence.decisions.documents import encode
from adapters.persistence.decisions.recording import RECORD, RECORD_OF_APPLICANTS, RECORD_REFERENCED
from adapters.persistence.decisions.references import ReferenceConflict, is_reference_conflict, references_taken
from application.ports.decisions.decision_ledger import LedgerUnavailable, RecordRefused, ReferencesTaken
from domain.applications.application_reference import ApplicationReference
from domain.audit.entry import ChainHead
from domain.decisions.decision_record import DecisionRecord

_ROWS_PER_STATEMENT = 100
"""Few enough to fit into a socket's buffer: the next statement is prepared while PostgreSQL executes this one."""
_STATEMENT_TIMEOUT = 60.0


async def record_all_in_one_transaction(
    database_url: str,
    records: Iterable[DecisionRecord],
    *,
    timeout: float,  # noqa: ASYNC109 - the driver's own limit
) -> None:
    """Record all of them on a new chain, or none; durable when this returns.

    Raises LedgerUnavailable where the database does not answer (within `timeout` seconds while connecting), and
    RecordRefused where it cannot store one of them.
    """
    try:
        connection = await connect_durably(database_url, timeout=timeout)
        try:
            async with connection.transaction():
                await write_records(connection, records)
        except ReferenceConflict as conflict:
            taken = await references_taken(connection, conflict)
            connection.terminate()
            raise taken from conflict
        except BaseException:
            connection.terminate()
            raise
        await close_quietly(connection)
    except (RecordRefused, ReferencesTaken):
        raise
    except REFUSALS as fault:
        raise record_refused(fault) from fault
    except Exception as fault:
        raise LedgerUnavailable(f"the database did not record the decisions ({type(fault).__name__})") from fault


async def write_records(
    connection: Any, records: Iterable[DecisionRecord], head: ChainHead | None = None
) -> ChainHead:
    """Write records in the connection's transaction, after `head` or on a new chain; returns the chain's new head.

    The next statement is prepared while PostgreSQL executes the last. (The driver's `executemany` does so too, but
    does not notice a lost connection before its timeout.) Raises ReferenceConflict.
    """
    references: list[ApplicationReference] = []
    records = _noting(records, references)
    prepared = {RECORD: await connection.prepare(RECORD)}
    chain = _ChainedArguments(head or ChainHead(uuid4()))
    executed: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
    executed.set_result(None)
    try:
        for statement, arguments in chain.statements(records):
            await executed
            if statement not in prepared:
                prepared[statement] = await connection.prepare(statement)
            execution = prepared[statement].fetch(*arguments, timeout=_STATEMENT_TIMEOUT)
            executed = asyncio.ensure_future(execution)
            await asyncio.sleep(0)  # lets the statement be sent
        await executed
    except asyncpg.UniqueViolationError as fault:
        if not is_reference_conflict(fault):
            raise
        for _ in records:
            pass  # to note the references of the rest
        raise ReferenceConflict(references) from fault
    finally:
        await asyncio.wait((executed,))  # the connection accepts nothing else before, not even a rollback
    return chain.head


class _ChainedArguments:
    """Encodes records statement by statement; `head` is the chain's head after the last one."""

    def __init__(self, head: ChainHead) -> None:
        self.head = head

    def statements(self, records: Iterable[DecisionRecord]) -> Iterator[tuple[str, list[Any]]]:
        """The statements with their arguments."""
        remaining = iter(records)
        while part := list(islice(remaining, _ROWS_PER_STATEMENT)):
            arguments, self.head = link(self.head, [(record, encode(record)) for record in part])
            yield _statement_for(part), arguments


def _statement_for(part: Sequence[DecisionRecord]) -> str:
    if any(record.reference is not None for record in part):
        return RECORD_REFERENCED
    return RECORD if all(record.applicant is None for record in part) else RECORD_OF_APPLICANTS


def _noting(records: Iterable[DecisionRecord], references: list[ApplicationReference]) -> Iterator[DecisionRecord]:
    """The records, whose references are added to the list."""
    for record in records:
        if (reference := record.reference) is not None:
            references.append(reference)
        yield record
