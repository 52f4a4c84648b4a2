"""Failed commits: what is logged, and what the callers get."""

import asyncpg
import pytest

from adapters.persistence.decisions.failed_commits import commit_failure, log_failed_commit
from application.ports.decisions.decision_ledger import CommitUnconfirmed


@pytest.mark.parametrize(
    "fault",
    [
        asyncpg.InternalClientError("cannot switch to state 15; another operation (2) is in progress"),
        asyncpg.AdminShutdownError("terminating connection due to administrator command"),
        ConnectionResetError(),
    ],
    ids=lambda fault: type(fault).__name__,
)
def test_a_commit_lost_in_a_shutdown_is_unconfirmed_and_logged_without_traceback(
    fault: Exception, caplog: pytest.LogCaptureFixture
) -> None:
    log_failed_commit(fault, 3)
    (record,) = caplog.records
    assert record.levelname == "WARNING"
    assert record.getMessage() == f"3 decisions were not confirmed ({type(fault).__name__})"
    assert record.exc_info is None
    assert isinstance(commit_failure(fault), CommitUnconfirmed)
