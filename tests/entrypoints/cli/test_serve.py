"""How `scoring serve api` starts uvicorn: the busy route finds the straight way."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from harness.running_service import free_ports

_WHAT_IS_SERVED = """
import uvicorn

class Seen(uvicorn.Server):
    def run(self, sockets):
        self.config.load()
        fast_path = getattr(getattr(self.config.loaded_app, "state", None), "fast_path", None)
        print(self.config.http_protocol_class.__name__, type(fast_path).__name__)
        self.started = True

uvicorn.Server = Seen
from entrypoints.cli.serve import command
command(["api"])
"""


@pytest.mark.parametrize("settings", [{}, {"SCORING_OTLP_ENDPOINT": "http://127.0.0.1:1"}])
def test_the_api_is_served_with_the_fast_path(tmp_path: Path, settings: dict[str, str]) -> None:
    given = {
        "SCORING_DATA_DIR": str(tmp_path),
        "SCORING_DATABASE_URL": "postgresql://nobody@127.0.0.1:1/nowhere",  # not asked before it opens
        "SCORING_REDIS_URL": "redis://127.0.0.1:1",
        "SCORING_API_PORT": str(free_ports(1)[0]),
    }
    told = subprocess.run(
        [sys.executable, "-c", _WHAT_IS_SERVED],
        env=os.environ | given | settings,
        capture_output=True,
        text=True,
        check=False,
    )
    assert told.stdout.strip() == "DecisionProtocol FastPath", told.stderr
