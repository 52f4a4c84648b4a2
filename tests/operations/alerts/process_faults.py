"""Faults of processes, the database, the cache, the load and the machine."""

import json
import os
import signal
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from datetime import timedelta

import httpx
import psutil

from domain.products.personal_loan import EXAMPLE
from harness.callers import Callers
from operations.alerts.compose_processes import kill_engine
from operations.alerts.drill_setup import Setup
from operations.alerts.faults import repeatedly, transaction_with
from support.other_models import another_model


@contextmanager
def database_killed(setup: Setup) -> Iterator[None]:
    kill_engine(setup.processes.database)
    try:
        yield
    finally:
        setup.processes.database.start()


@contextmanager
def cache_killed(setup: Setup) -> Iterator[None]:
    kill_engine(setup.processes.cache)
    try:
        yield
    finally:
        setup.processes.cache.start()


@contextmanager
def web_interfaces_killed(setup: Setup) -> Iterator[None]:
    setup.processes.kill_web_interfaces()
    try:
        yield
    finally:
        setup.processes.start_web_interfaces()


@contextmanager
def node_exporter_killed(setup: Setup) -> Iterator[None]:
    setup.node_exporter.kill()
    try:
        yield
    finally:
        setup.node_exporter.start()


@contextmanager
def replica_killed_again_and_again(setup: Setup) -> Iterator[None]:
    """Three restarts that Prometheus sees, then no further start."""
    replica = setup.processes.replicas["one"]
    for _ in range(3):
        replica.kill()
        replica.start()
        time.sleep(3)
    replica.kill()
    try:
        yield
    finally:
        replica.start()


@contextmanager
def replica_suspended_for_moments(setup: Setup) -> Iterator[None]:
    process = setup.processes.replicas["two"].process

    def stop_for_a_moment() -> None:
        process.suspend()
        try:
            time.sleep(0.3)
        finally:
            process.resume()

    with repeatedly(stop_for_a_moment, pause=0.3):
        yield


@contextmanager
def database_suspended_for_moments(setup: Setup) -> Iterator[None]:
    """A slow disk: every process of PostgreSQL stops for 0.4 of 0.5 seconds, with 250 callers of one replica."""
    assert setup.processes.database.pid is not None
    postmaster = psutil.Process(setup.processes.database.pid)

    def stop_for_a_moment() -> None:
        family = [postmaster, *postmaster.children(recursive=True)]
        for number, pause in ((signal.SIGSTOP, 0.4), (signal.SIGCONT, 0.1)):
            for process in family:
                with suppress(ProcessLookupError):
                    os.kill(process.pid, number)
            time.sleep(pause)

    target = _Replica(setup.processes.replicas["one"].port, setup.processes.authorization)
    with Callers(target, 250), repeatedly(stop_for_a_moment):
        yield


class _Replica:
    def __init__(self, port: int, authorization: str) -> None:
        self.api_port, self.authorization = port, authorization


@contextmanager
def other_model(setup: Setup) -> Iterator[None]:
    """One of two replicas decides with another model."""
    folder = setup.folder / "other model"
    folder.mkdir()
    for name, content in another_model().items():
        (folder / name).write_bytes(content)
    usual = setup.processes.replicas["two"]
    usual.stop()
    with setup.processes.replica_with("two", SCORING_MODEL_DIR=str(folder)):
        yield
    usual.start()


@contextmanager
def requests_in_chunks(setup: Setup) -> Iterator[None]:
    """Callers whose HTTP library sends bodies in chunks, more of them than the others."""
    body = json.dumps(EXAMPLE).encode()

    def chunks() -> Iterator[bytes]:
        yield body

    headers = {"Content-Type": "application/json"}
    with (
        setup.client("two") as client,
        repeatedly(lambda: client.post("/predictions", content=chunks(), headers=headers), threads=8),
    ):
        yield


@contextmanager
def table_locked(setup: Setup) -> Iterator[None]:
    """A forgotten transaction locks the table of batches, while clients list them."""
    with ExitStack() as stack:
        stack.enter_context(transaction_with(setup, "LOCK TABLE batches IN ACCESS EXCLUSIVE MODE"))
        client = stack.enter_context(setup.client("one"))

        def list_batches() -> None:
            with suppress(httpx.TransportError):
                client.get("/batches")

        with repeatedly(list_batches, threads=12):
            yield


@contextmanager
def table_renamed(setup: Setup) -> Iterator[None]:
    """A defect: the schema is not what the code expects, so that an endpoint fails unexpectedly."""
    with setup.client() as client:
        decision = setup.value("SELECT decision_id FROM decisions LIMIT 1")
        setup.execute("ALTER TABLE scoring_policies RENAME TO scoring_policies_away")
        try:
            with repeatedly(lambda: client.get(f"/decisions/{decision}/reproduction"), pause=0.5):
                yield
        finally:
            setup.execute("ALTER TABLE scoring_policies_away RENAME TO scoring_policies")


@contextmanager
def failing_logins(setup: Setup) -> Iterator[None]:
    """A caller with an invalid token, and one that guesses a password."""
    wrong = {"Authorization": "Bearer invalid"}
    form = {"grant_type": "password", "username": "mallory", "password": "a wrong password"}
    with setup.client("one") as client, ExitStack() as stack:
        stack.enter_context(repeatedly(lambda: client.get("/decisions", headers=wrong), pause=0.05))
        stack.enter_context(repeatedly(lambda: client.post("/auth/token", data=form), pause=0.2))
        yield


@contextmanager
def certificate_for_half_an_hour(setup: Setup) -> Iterator[None]:
    setup.https.start(timedelta(minutes=30))
    try:
        yield
    finally:
        setup.https.start()


@contextmanager
def https_stopped(setup: Setup) -> Iterator[None]:
    setup.https.stop()
    try:
        yield
    finally:
        setup.https.start()


@contextmanager
def disk_filling(setup: Setup) -> Iterator[None]:
    """A file that grows by a megabyte a second, until 5 % of the disk are free."""
    assert setup.disk is not None
    file = setup.disk / "growing"

    def grow() -> None:
        state = os.statvfs(setup.disk or "")
        if state.f_bavail > 0.05 * state.f_blocks:
            with file.open("ab") as growing:
                growing.write(bytes(2**20))

    try:
        with repeatedly(grow, pause=1.0):
            yield
    finally:
        file.unlink()
