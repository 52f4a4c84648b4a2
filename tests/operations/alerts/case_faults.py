"""Faults of referral cases: nobody works them. The cases are made up, and removed without a trace at the end."""

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import uuid4

from operations.alerts.drill_setup import Setup

_COLUMNS = "case_id, decision_id, opened_at, due_at, state, breached_at, loan_amnt, grade, requested_by, reasons"


@contextmanager
def case_forgotten(setup: Setup) -> Iterator[None]:
    """A case is an hour past its due time, which is recorded already."""
    case_id = uuid4()
    times = "now() - interval '3 days', now() - interval '1 hour', 'open', now()"
    _insert(setup, f"'{case_id}', '{case_id}', {times}, 12000, 'C', 'broker', '{{}}'")
    yield
    _remove(setup, "cases", f"case_id = '{case_id}'")


@contextmanager
def second_approval_forgotten(setup: Setup) -> Iterator[None]:
    """A resolution was proposed two days ago, in time."""
    case_id = uuid4()
    times = "now() - interval '2 days', now() + interval '1 hour', 'awaiting_second_approval', NULL"
    _insert(setup, f"'{case_id}', '{case_id}', {times}, 12000, 'C', 'broker', '{{}}'")
    proposed = f"'{uuid4()}', '{case_id}', 1, now() - interval '2 days', 'uma', 'case resolution proposed', '{{}}'"
    setup.execute(f"INSERT INTO case_actions VALUES ({proposed})")  # noqa: S608 - a test's own text
    yield
    _remove(setup, "case_actions", f"case_id = '{case_id}'")
    _remove(setup, "cases", f"case_id = '{case_id}'")


def _insert(setup: Setup, values: str) -> None:
    setup.execute(f"INSERT INTO cases ({_COLUMNS}) VALUES ({values})")  # noqa: S608 - a test's own text


def _remove(setup: Setup, table: str, condition: str) -> None:
    past_triggers = "BEGIN; SET LOCAL session_replication_role = replica"
    setup.execute(f"{past_triggers}; DELETE FROM {table} WHERE {condition}; COMMIT")  # noqa: S608 - as above
