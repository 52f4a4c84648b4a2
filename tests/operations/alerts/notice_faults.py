"""Faults of notices: nobody sends them. The notices are made up, and removed without a trace at the end."""

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import uuid4

from operations.alerts.drill_setup import Setup

_COLUMNS = "notice_id, kind, cause, decision_id, application_id, received_at, due_at, state, requested_by"


@contextmanager
def notice_unsent(setup: Setup, left: str) -> Iterator[None]:
    """A notice on a decline that is due after this time, or before it if it is negative."""
    notice_id = uuid4()
    who = f"'{notice_id}', 'adverse_action', 'decision', '{notice_id}', '{notice_id}'"
    when = f"now() + interval '{left}' - interval '30 days', now() + interval '{left}', 'due', 'broker'"
    setup.execute(f"INSERT INTO notices ({_COLUMNS}) VALUES ({who}, {when})")  # noqa: S608 - a test's own text
    yield
    past_triggers = "BEGIN; SET LOCAL session_replication_role = replica"
    delete = f"DELETE FROM notices WHERE notice_id = '{notice_id}'"  # noqa: S608 - as above
    setup.execute(f"{past_triggers}; {delete}; COMMIT")


@contextmanager
def notice_forgotten(setup: Setup) -> Iterator[None]:
    """A notice has three days left."""
    with notice_unsent(setup, "3 days"):
        yield


@contextmanager
def notice_overdue(setup: Setup) -> Iterator[None]:
    """A notice is a day late."""
    with notice_unsent(setup, "-1 day"):
        yield
