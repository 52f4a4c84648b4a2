"""The cache stops, or hangs: decisions go on as if nothing were the matter, and the health tells."""

import os
import signal
from collections.abc import Callable
from pathlib import Path

import pytest

from adapters.embedded import EmbeddedValkey
from harness.callers import Callers
from harness.patience import eventually
from harness.records import on_record
from starting import Start

pytestmark = pytest.mark.timeout(30)


def stopped(cache: EmbeddedValkey) -> Callable[[], object]:
    cache.stop()
    return cache.start


def frozen(cache: EmbeddedValkey) -> Callable[[], object]:
    pid = cache.pid
    assert pid is not None
    os.kill(pid, signal.SIGSTOP)
    return lambda: os.kill(pid, signal.SIGCONT)


@pytest.mark.parametrize("gone", [stopped, frozen])
def test_decisions_go_on_without_the_cache(
    tmp_path: Path, start: Start, gone: Callable[[EmbeddedValkey], Callable[[], object]]
) -> None:
    with EmbeddedValkey(tmp_path / "elsewhere") as cache:
        service = start(tmp_path / "data", SCORING_REDIS_URL=cache.url, SCORING_PREDICTION_CACHE="shared")
        with Callers(service) as callers:
            heard = callers.heard
            eventually(lambda: len(heard.decided) > 100)
            come_back = gone(cache)
            try:
                before = len(heard.decided)
                eventually(lambda: service.dependencies()["cache"] == "down")
                eventually(lambda: len(heard.decided) > before + 500)
                assert service.dependencies()["database"] == "up"
            finally:
                come_back()
            eventually(lambda: service.dependencies()["cache"] == "up")
            before = len(heard.decided)
            eventually(lambda: len(heard.decided) > before + 100)
        assert heard.refused == []
        assert heard.cut == 0
        assert heard.slowest < 1
        assert set(heard.decided) == set(on_record(service.database_url))
