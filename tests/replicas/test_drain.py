"""A replica that is stopped reports it first, and continues to decide until its drain period ends."""

import json
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from domain.products.personal_loan import EXAMPLE
from harness.polling import eventually
from replicas.behind_haproxy import Pair, ServerProcess, ask, is_ready, token_from

NOTICE = 5.0


@pytest.fixture(params=["1", "2"], ids=["one process", "two workers"])
def replica(
    tmp_path: Path, database_url: str, valkey_url: str, request: pytest.FixtureRequest
) -> Iterator[ServerProcess]:
    settings = {"SCORING_DRAIN_SECONDS": f"{NOTICE:.0f}", "SCORING_API_WORKERS": request.param}
    pair = Pair(tmp_path, database_url, valkey_url, **settings)
    pair.prepare()
    with pair.replicas["one"] as alone:
        yield alone


def test_a_draining_replica_is_not_ready_and_still_decides(replica: ServerProcess) -> None:
    headers = {"Authorization": f"Bearer {token_from(replica.port)}", "Content-Type": "application/json"}
    began = time.monotonic()
    replica.process.terminate()
    eventually(lambda: not is_ready(replica.port))
    status, body = ask(replica.port, "GET", "/health/ready")
    assert (status, json.loads(body)["status"]) == (503, "leaving")
    assert {each["status"] for each in json.loads(body)["dependencies"]} == {"up"}
    assert ask(replica.port, "POST", "/api/v1/predictions", json.dumps(EXAMPLE), **headers)[0] == 200
    replica.process.wait(15)
    assert time.monotonic() - began >= NOTICE


def test_a_second_ctrl_c_skips_the_rest_of_the_drain_period(replica: ServerProcess) -> None:
    began = time.monotonic()
    replica.process.send_signal(signal.SIGINT)
    eventually(lambda: not is_ready(replica.port))
    for process in [
        replica.process,
        *replica.process.children(recursive=True),
    ]:  # as a terminal signals the whole group
        process.send_signal(signal.SIGINT)
    replica.process.wait(15)
    assert time.monotonic() - began < NOTICE
