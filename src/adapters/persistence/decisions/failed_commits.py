"""Batches that could not be committed: what to log of them, and what to tell the callers."""

import asyncio
import logging

import asyncpg

from adapters.persistence.database.connections import AWAY
from adapters.persistence.decisions.chained_writer import NotSent, refusal
from application.ports.decisions.decision_ledger import CommitUnconfirmed, LedgerUnavailable

_log = logging.getLogger(__name__)


def unconfirmed(fault: BaseException) -> LedgerUnavailable:
    """What to tell the callers of a batch that failed: what the server refuses it has not written."""
    told_by_server = isinstance(fault, asyncpg.PostgresError) and not isinstance(
        fault, asyncpg.PostgresConnectionError | asyncpg.OperatorInterventionError
    )
    kind = LedgerUnavailable if told_by_server else CommitUnconfirmed
    why = kind(f"the database did not confirm the record ({type(fault).__name__})")
    why.__cause__ = fault
    return why


def tell_of(fault: BaseException, decisions: int) -> None:
    """Log why a batch failed; with a traceback unless it is what an outage looks like."""
    told = "%d decisions were not confirmed (%s)"
    if isinstance(fault, (*AWAY, asyncio.CancelledError)):
        _log.warning(told, decisions, type(fault).__name__)
    else:
        _log.error(told, decisions, type(fault).__name__, exc_info=fault)


def refused(fault: Exception) -> Exception:
    """What to tell the caller whose record alone is at fault."""
    if isinstance(fault, NotSent):
        return fault.__cause__ if isinstance(fault.__cause__, Exception) else fault
    return refusal(fault)
