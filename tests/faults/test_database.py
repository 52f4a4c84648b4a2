"""The database stops and restarts: no answer is unrecorded, and the service recovers by itself."""

import os
import signal
import time
from pathlib import Path

import pytest

from adapters.embedded import EmbeddedPostgres
from harness.callers import Callers, all_unavailable_with_retry_after
from harness.polling import eventually
from harness.records import audit_trail_verifies, each_recorded_once
from support.starting import Start

pytestmark = pytest.mark.timeout(30)


@pytest.mark.parametrize("killed", [False, True], ids=["stopped", "killed"])
def test_the_service_recovers_when_the_database_restarts(tmp_path: Path, start: Start, killed: bool) -> None:
    with EmbeddedPostgres(tmp_path / "elsewhere") as database:
        service = start(tmp_path / "data", SCORING_DATABASE_URL=database.url)
        api = service.api_process()
        with Callers(service) as callers:
            result = callers.result
            eventually(lambda: len(result.decided) > 100)
            if killed:
                assert database.pid is not None
                os.kill(database.pid, signal.SIGKILL)
            database.stop()
            time.sleep(0.2)
            before = len(result.decided)
            eventually(lambda: len(result.refused) > 100)
            time.sleep(0.5)
            assert len(result.decided) == before
            assert service.dependencies()["database"] == "down"
            database.start()
            eventually(lambda: len(result.decided) > before + 100)
        assert all_unavailable_with_retry_after(result.refused)
        assert result.cut == 0
        assert each_recorded_once(result.decided, database.url)
        assert service.api_process() == api
        assert service.dependencies()["database"] == "up"
        assert audit_trail_verifies(service)


def test_an_embedded_database_that_cannot_start_is_retried_until_it_can(tmp_path: Path, start: Start) -> None:
    service = start(tmp_path / "data")
    control = tmp_path / "data" / "postgres" / "data" / "global" / "pg_control"
    aside = control.with_name("aside")
    with Callers(service) as callers:
        result = callers.result
        eventually(lambda: len(result.decided) > 100)
        control.rename(aside)
        next(process for process in service.family() if process.name() == "postgres").kill()
        eventually(lambda: service.log.count("PostgreSQL stopped and does not start") >= 2)
        aside.rename(control)
        during = len(result.decided)
        eventually(lambda: len(result.decided) > during + 100)
    assert all_unavailable_with_retry_after(result.refused)
    assert result.cut == 0
    assert each_recorded_once(result.decided, service.database_url)
    assert audit_trail_verifies(service)
