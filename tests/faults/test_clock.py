"""The system clock steps back under load: decisions, chains, tokens and keys are not affected."""

import json
import subprocess
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from domain.access.user import Role
from harness.callers import Callers
from harness.polling import eventually
from harness.records import audit_trail_verifies, recorded_decisions
from harness.running_service import Service
from support.starting import Start

pytestmark = pytest.mark.timeout(30)

STEPPING = """
import time
from datetime import timedelta
from pathlib import Path

from adapters.system.clock import SystemClock

behind = Path(__file__).with_name("seconds_behind")
now, real_time, real_time_ns = SystemClock.now, time.time, time.time_ns
SystemClock.now = lambda clock: now(clock) - timedelta(seconds=int(behind.read_text()))
time.time = lambda: real_time() - int(behind.read_text())
time.time_ns = lambda: real_time_ns() - int(behind.read_text()) * 10**9
"""
"""Runs first in every Python process of the service."""

AN_HOUR = timedelta(hours=1)
UNDER_A_KEY = ("-H", "Idempotency-Key: the-one")


def decide(service: Service, *further: str) -> dict[str, Any]:
    """Request a decision, and return its record."""
    answer = json.loads(subprocess.run([*service.curl, *further], capture_output=True, check=True).stdout)
    return service.get(f"/api/v1/decisions/{answer['request_id']}")


def set_back(behind: Path, seconds: int) -> None:
    """Set the clock back in one step."""
    new = behind.with_name("new")
    new.write_text(str(seconds))
    new.replace(behind)


def made_at(decision: dict[str, Any]) -> datetime:
    return datetime.fromisoformat(decision["timestamp"])


def test_the_clock_steps_back_an_hour_and_forward_again(tmp_path: Path, start: Start) -> None:
    behind = tmp_path / "clock" / "seconds_behind"
    behind.parent.mkdir()
    behind.write_text("0")
    behind.with_name("sitecustomize.py").write_text(STEPPING)
    service = start(tmp_path / "data", PYTHONPATH=str(behind.parent))
    first = decide(service, *UNDER_A_KEY)
    with Callers(service) as callers:
        result = callers.result
        for seconds in (3600, 0):
            before = len(result.decided)
            eventually(lambda before=before: len(result.decided) > before + 300)
            set_back(behind, seconds)
            if seconds:
                assert made_at(decide(service)) < made_at(first) - AN_HOUR / 2
                assert decide(service, *UNDER_A_KEY) == first
                service.run("audit", "checkpoint")
        before = len(result.decided)
        eventually(lambda: len(result.decided) > before + 300)
    assert result.refused == []
    assert result.cut == 0
    recorded = recorded_decisions(service.database_url)
    assert len(set(recorded)) == len(recorded) == len(result.decided) + 2
    assert set(result.decided) <= set(recorded)
    assert audit_trail_verifies(service)
    officer = service.authorization_of("olga", Role.LOAN_OFFICER)
    path = f"/api/v1/decisions/{first['request_id']}/reproduction"
    assert service.get(path, authorization=officer)["identical"] is True
