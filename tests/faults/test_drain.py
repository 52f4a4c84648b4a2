"""A graceful shutdown: every accepted request is answered, and exactly the answered decisions are recorded."""

import asyncio
import threading
import time
from pathlib import Path

import asyncpg
import psutil
import pytest

from adapters.embedded import EmbeddedPostgres
from harness.callers import Answer, Callers, prediction_request, read_answer
from harness.polling import eventually
from harness.records import audit_trail_verifies, recorded_decisions
from support.starting import Start

pytestmark = pytest.mark.timeout(30)
WAITING = 32


def test_every_decision_under_load_is_answered(tmp_path: Path, start: Start) -> None:
    with EmbeddedPostgres(tmp_path / "elsewhere") as database:
        service = start(tmp_path / "data", SCORING_DATABASE_URL=database.url)
        with Callers(service) as callers:
            result = callers.result
            eventually(lambda: len(result.decided) > 1000)
            assert service.stop() == 0
        assert result.refused == []
        recorded = recorded_decisions(database.url)
        assert sorted(result.decided) == sorted(recorded)
        assert audit_trail_verifies(service)


async def test_requests_that_wait_for_a_commit_are_answered(tmp_path: Path, start: Start) -> None:
    with EmbeddedPostgres(tmp_path / "elsewhere") as database:
        service = start(tmp_path / "data", SCORING_DATABASE_URL=database.url)
        api = service.api_process()
        lock = await asyncpg.connect(database.url)
        holding = lock.transaction()
        await holding.start()
        await lock.execute("LOCK TABLE decisions IN EXCLUSIVE MODE")
        connections = [await asyncio.open_connection("127.0.0.1", service.api_port) for _ in range(WAITING)]
        for number, (_, writer) in enumerate(connections):
            writer.write(prediction_request(service, number))
        await asyncio.sleep(0.5)
        stopping = threading.Thread(target=service.stop)
        stopping.start()
        await asyncio.sleep(1.0)
        assert psutil.pid_exists(api or 0)
        await holding.rollback()
        await lock.close()
        began = time.monotonic()
        answers: list[Answer] = await asyncio.gather(*(read_answer(reader, began) for reader, _ in connections))
        await asyncio.to_thread(stopping.join)
        for _, writer in connections:
            writer.close()
        assert {answer.status for answer in answers} == {200}
        recorded = await asyncio.to_thread(recorded_decisions, database.url)
        assert sorted(answer.content["request_id"] for answer in answers) == sorted(recorded)
