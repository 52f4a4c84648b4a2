"""Prometheus for one machine without containers: its jobs, ports and settings are those of the documentation."""

import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from entrypoints.configuration.setting_readers import PROJECT

PROMETHEUS = PROJECT / "deploy" / "prometheus"
TEXT = (PROMETHEUS / "one-machine.yml").read_text()
WITH_PROXY = re.sub(r"^  # (?=- |  )", "  ", TEXT, flags=re.MULTILINE)
"""With the jobs that are commented out."""
PROMTOOL = shutil.which("promtool", path="/usr/bin:/usr/local/bin")


def jobs(text: str) -> dict[str, dict[str, Any]]:
    return {job["job_name"]: job for job in yaml.safe_load(text)["scrape_configs"]}


@pytest.mark.skipif(PROMTOOL is None, reason="promtool is not installed: install the package prometheus")
@pytest.mark.parametrize("text", [TEXT, WITH_PROXY], ids=["shipped", "with the proxy"])
def test_prometheus_accepts_it(text: str, tmp_path: Path) -> None:
    shutil.copytree(PROMETHEUS / "rules", tmp_path / "rules")
    (tmp_path / "prometheus.yml").write_text(text)
    checked = subprocess.run(
        [PROMTOOL or "promtool", "check", "config", tmp_path / "prometheus.yml"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert checked.returncode == 0, checked.stdout + checked.stderr
    assert "2 rule files found" in checked.stdout


def test_it_has_the_jobs_and_settings_of_the_compose_file() -> None:
    compose = yaml.safe_load((PROMETHEUS / "prometheus.yml").read_text())
    assert set(jobs(WITH_PROXY)) == {job["job_name"] for job in compose["scrape_configs"]}
    assert yaml.safe_load(TEXT)["global"] == compose["global"]
    assert yaml.safe_load(TEXT)["rule_files"] == compose["rule_files"]


def test_targets_are_the_documented_ports() -> None:
    documented = dict(
        re.findall(r"SCORING_(API|UI|WORKER)_METRICS_PORT=(\d+)", (PROJECT / "docs" / "monitoring.md").read_text())
    )
    scraped = {
        name.removeprefix("scoring-").upper(): job["static_configs"][0]["targets"][0].removeprefix("127.0.0.1:")
        for name, job in jobs(TEXT).items()
        if name.startswith("scoring-")
    }
    assert scraped == documented
