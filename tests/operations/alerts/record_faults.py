"""Faults of batches, webhooks, the audit trail, its checkpoints, and partitions."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from uuid import uuid4

from domain.products.personal_loan import EXAMPLE
from harness.polling import eventually
from operations.alerts.drill_setup import CALLER, Setup
from operations.alerts.faults import transaction_with

_INCOMES = count(30_000)


def submit_batch(setup: Setup, *, webhook: bool = False) -> str:
    """Submit a file of ten applications, and return the batch's path."""
    fields = list(EXAMPLE)
    rows = [EXAMPLE | {"annual_inc": next(_INCOMES)} for _ in range(10)]
    lines = [",".join(fields), *(",".join(str(row[field]) for field in fields) for row in rows)]
    with setup.client(user=CALLER) as client:
        submitted = client.post(
            "/batches",
            params={"name": "loans.csv"} | ({"webhook_url": setup.webhooks.url} if webhook else {}),
            content="\n".join(lines),
            headers={"Content-Type": "text/csv", "Idempotency-Key": str(uuid4())},
        )
        assert submitted.status_code == 202, submitted.text
        return f"/batches/{submitted.json()['batch_id']}"


@contextmanager
def worker_killed_with_a_batch_queued(setup: Setup) -> Iterator[None]:
    setup.processes.worker.kill()
    try:
        path = submit_batch(setup)
        yield
    finally:
        setup.processes.worker.start()
    with setup.client(user=CALLER) as client:
        eventually(lambda: client.get(path).json()["state"] == "done", within=90)


@contextmanager
def webhooks_refused(setup: Setup) -> Iterator[None]:
    """The receiver answers 503. The first message has 23 of 24 attempts behind it, which would take 14 hours."""
    setup.webhooks.status = 503
    submit_batch(setup, webhook=True)
    eventually(lambda: setup.value("SELECT count(*) FROM webhook_deliveries WHERE attempts > 0") == 1, within=60)
    setup.execute("UPDATE webhook_deliveries SET attempts = 23")
    submit_batch(setup, webhook=True)
    try:
        yield
    finally:
        setup.webhooks.status = 204
    listed = setup.processes.run("webhooks", "dead-letters").stdout
    dead = str(setup.value("SELECT delivery_id FROM webhook_deliveries WHERE state = 'dead'"))
    assert dead in listed, listed
    retried = setup.processes.run("webhooks", "retry", dead)
    assert retried.returncode == 0, retried.stderr
    setup.execute("UPDATE webhook_deliveries SET next_attempt_at = now() WHERE state = 'waiting'")


@contextmanager
def checkpoint_file_locked(setup: Setup) -> Iterator[None]:
    """Another program hangs while it has locked the checkpoint file."""
    with setup.checkpoint_file.open("a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


@contextmanager
def checkpoints_locked(setup: Setup) -> Iterator[None]:
    """A forgotten transaction prevents checkpoints from being written."""
    with transaction_with(setup, "LOCK TABLE checkpoints IN EXCLUSIVE MODE"):
        yield


@contextmanager
def never_verified(setup: Setup) -> Iterator[None]:
    """No one verifies the audit trail."""
    yield
    verified = setup.processes.run("audit", "verify", "--allow-empty")
    assert verified.returncode == 0, verified.stdout


@contextmanager
def record_altered(setup: Setup) -> Iterator[None]:
    """An administrator of the database changes a decision, past the triggers."""
    decision = setup.value("SELECT decision_id FROM decisions LIMIT 1")
    purpose, another = EXAMPLE["purpose"], "small_business"

    def change(old: str, new: str) -> int:
        """Change the purpose in the record, and return the exit code of the verification."""
        update = f"UPDATE decisions SET document = replace(document, '{old}', '{new}')"  # noqa: S608 - own text
        past_triggers = "BEGIN; SET LOCAL session_replication_role = replica"
        setup.execute(f"{past_triggers}; {update} WHERE decision_id = '{decision}'; COMMIT")
        return setup.processes.run("audit", "verify", "--whole").returncode

    assert change(purpose, another) == 1
    try:
        yield
    finally:
        restored = change(another, purpose)
    assert restored == 0


@contextmanager
def record_truncated(setup: Setup) -> Iterator[None]:
    """A decision's document lost its end, and an officer opens the list."""
    decision = setup.value("SELECT decision_id FROM decisions ORDER BY decision_id DESC LIMIT 1")
    document = str(setup.value(f"SELECT document FROM decisions WHERE decision_id = '{decision}'"))  # noqa: S608 - own

    def store(text: str) -> None:
        past_triggers = "BEGIN; SET LOCAL session_replication_role = replica"
        update = f"UPDATE decisions SET document = $document${text}$document$"  # noqa: S608 - as above
        setup.execute(f"{past_triggers}; {update} WHERE decision_id = '{decision}'; COMMIT")

    store(document[:100])
    try:
        with setup.client() as client:
            opened = client.get(f"/decisions/{decision}")
            assert opened.json()["type"].endswith("decision-unreadable"), opened.text
        yield
    finally:
        store(document)


@contextmanager
def partitions_dropped(setup: Setup) -> Iterator[None]:
    """Partitions of the months ahead are gone, and the service has made its monthly check."""
    partitions = "SELECT inhrelid::regclass::text AS name FROM pg_inherits WHERE inhparent = 'decisions'::regclass"
    names = [str(name) for name in setup.values(f"{partitions} ORDER BY 1")]
    ahead = [name for name in names if name != "decisions_default"][-2:]
    setup.execute(f"DROP TABLE {', '.join(ahead)}")
    try:
        yield
    finally:
        migrated = setup.processes.run("migrate")
    assert migrated.returncode == 0, migrated.stderr
