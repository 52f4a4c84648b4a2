"""Engines end with the service that started them, however it ends, and the next start succeeds."""

import os
import signal
import time
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import asyncpg
import redis


async def note(facts: dict[str, Any], what: str) -> None:
    connection = await asyncpg.connect(facts["postgres_url"])
    await connection.execute("CREATE TABLE IF NOT EXISTS notes (what text)")
    await connection.execute("INSERT INTO notes VALUES ($1)", what)
    await connection.close()
    with redis.Redis.from_url(facts["valkey_url"]) as client:
        client.rpush("notes", what)


async def notes(facts: dict[str, Any]) -> tuple[list[str], list[str]]:
    connection = await asyncpg.connect(facts["postgres_url"])
    rows = [row["what"] for row in await connection.fetch("SELECT what FROM notes")]
    await connection.close()
    with redis.Redis.from_url(facts["valkey_url"], decode_responses=True) as client:
        return rows, client.lrange("notes", 0, -1)


async def test_engines_of_a_killed_service_end_and_the_next_service_finds_the_data(
    services: Any, data_dir: Path, embedded: Any
) -> None:
    first = services.start(data_dir)
    await note(first.facts, "approved")
    supervisors = [embedded.parent_of(pid) for pid in first.engines]
    backends = embedded.children_of(first.facts["postgres"])
    assert len(backends) >= 3
    first.kill()
    second = services.start(data_dir)  # waits for the engines of the first to end
    embedded.wait_until_gone(*first.engines, *supervisors, *backends, seconds=5)
    assert await notes(second.facts) == (["approved"], ["approved"])


async def test_a_start_after_the_kill_of_all_processes_finds_the_data(
    services: Any, data_dir: Path, embedded: Any
) -> None:
    first = services.start(data_dir)
    await note(first.facts, "approved")
    supervisors = [embedded.parent_of(pid) for pid in first.engines]
    embedded.kill(first.process.pid, *supervisors, *first.engines)
    first.process.wait(10)  # an unreaped process counts as alive
    second = services.start(data_dir)
    assert await notes(second.facts) == (["approved"], ["approved"])
    stale = Path(urlsplit(first.facts["valkey_url"]).path).parent
    assert not stale.exists(), "the socket folder of the killed engine was left behind"


async def test_engines_of_killed_supervisors_end(services: Any, data_dir: Path, embedded: Any) -> None:
    service = services.start(data_dir)
    embedded.kill(*(embedded.parent_of(pid) for pid in service.engines))
    embedded.wait_until_gone(*service.engines, seconds=5)
    service.kill()
    assert "refused" not in services.start(data_dir).facts


def test_engines_run_until_the_service_has_drained_after_ctrl_c(
    services: Any, tmp_path: Path, embedded: Any
) -> None:
    service = services.start(tmp_path)
    embedded.kill(*(embedded.parent_of(pid) for pid in service.engines), number=signal.SIGTERM)
    os.killpg(service.process.pid, signal.SIGINT)
    assert service.read_facts() == {"running": [True, True]}, "the engines did not wait for the service to drain"
    began = time.monotonic()
    assert service.read_facts() == {"running": [False, False]}
    assert time.monotonic() - began < 10
    assert service.process.wait(5) == 0


def test_a_second_service_names_the_process_that_holds_the_folder(services: Any, data_dir: Path) -> None:
    first = services.start(data_dir)
    second = services.start(data_dir)
    assert second.facts["pid"] == first.process.pid
    assert str(data_dir) in second.facts["refused"]
    assert first.shut_down() == {"running": [False, False]}
    third = services.start(data_dir)
    assert "refused" not in third.facts
