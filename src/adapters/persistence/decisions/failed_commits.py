"""Commits that failed: what to log, and which exception each caller gets."""

import asyncio
import logging

import asyncpg

from adapters.persistence.database.connections import CONNECTION_ERRORS
from adapters.persistence.decisions.chained_writer import PreparationFailed, record_refused
from application.ports.decisions.decision_ledger import CommitUnconfirmed, LedgerUnavailable

_log = logging.getLogger(__name__)


def commit_failure(fault: BaseException) -> LedgerUnavailable:
    """The exception for the callers of a failed batch.

    LedgerUnavailable where the server reported an error, so that nothing was written; CommitUnconfirmed otherwise.
    """
    reported_by_server = isinstance(fault, asyncpg.PostgresError) and not isinstance(
        fault, asyncpg.PostgresConnectionError | asyncpg.OperatorInterventionError
    )
    name = type(fault).__name__
    failure = (
        LedgerUnavailable(f"the database rejected the record ({name})")
        if reported_by_server
        else CommitUnconfirmed(f"the database did not confirm the record ({name})")
    )
    failure.__cause__ = fault
    return failure


def log_failed_commit(fault: BaseException, decisions: int) -> None:
    """Log why a batch failed, with a traceback unless the fault is typical of an outage."""
    message = "%d decisions were not confirmed (%s)"
    if isinstance(fault, (*CONNECTION_ERRORS, asyncio.CancelledError)):
        _log.warning(message, decisions, type(fault).__name__)
    else:
        _log.error(message, decisions, type(fault).__name__, exc_info=fault)


def record_failure(fault: Exception) -> Exception:
    """The exception for the caller whose record caused the fault."""
    if isinstance(fault, PreparationFailed):
        return fault.__cause__ if isinstance(fault.__cause__, Exception) else fault
    return record_refused(fault)
