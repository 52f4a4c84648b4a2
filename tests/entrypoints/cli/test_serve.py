"""`scoring serve api` starts uvicorn with the fast path."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from harness.running_service import free_ports

_PROGRAM = """
import uvicorn

class Inspected(uvicorn.Server):
    def run(self, sockets):
        self.config.load()
        fast_path = getattr(getattr(self.config.loaded_app, "state", None), "fast_path", None)
        print(self.config.http_protocol_class.__name__, type(fast_path).__name__)
        self.started = True

uvicorn.Server = Inspected
from entrypoints.cli.serve import command
command(["api"])
"""


@pytest.mark.parametrize("settings", [{}, {"SCORING_OTLP_ENDPOINT": "http://127.0.0.1:1"}])
def test_the_api_is_served_with_the_fast_path(tmp_path: Path, settings: dict[str, str]) -> None:
    given = {
        "SCORING_DATA_DIR": str(tmp_path),
        "SCORING_DATABASE_URL": "postgresql://nobody@127.0.0.1:1/nowhere",  # connected to when it opens
        "SCORING_REDIS_URL": "redis://127.0.0.1:1",
        "SCORING_API_PORT": str(free_ports(1)[0]),
    }
    done = subprocess.run(
        [sys.executable, "-c", _PROGRAM],
        env=os.environ | given | settings,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout.strip() == "DecisionProtocol FastPath", done.stderr
