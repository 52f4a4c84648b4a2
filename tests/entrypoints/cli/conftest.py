"""Every test of a command runs without settings, except for its own data folder."""

import os
from pathlib import Path

import pytest


@pytest.fixture(autouse=True)
def _no_settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in list(os.environ):
        if name.startswith("SCORING_"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("SCORING_DATA_DIR", str(tmp_path / "data"))
