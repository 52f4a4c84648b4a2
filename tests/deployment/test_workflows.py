"""The workflows of .github/: few rights, pinned actions, and steps that also run on a developer's machine."""

import re
import subprocess
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml

from entrypoints.configuration.setting_readers import PROJECT

WORKFLOWS = sorted((PROJECT / ".github" / "workflows").glob("*.yml"))
_PINNED = re.compile(r"uses: [\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$")


def _jobs(workflow: Path) -> dict[str, Any]:
    jobs: dict[str, Any] = yaml.safe_load(workflow.read_text())["jobs"]
    assert jobs
    return jobs


def _steps(workflow: Path) -> list[dict[str, Any]]:
    return [step for job in _jobs(workflow).values() for step in job["steps"]]


def test_there_are_workflows() -> None:
    assert {file.stem for file in WORKFLOWS} == {"checks", "image", "release", "update-packages"}


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda file: file.stem)
def test_commands_are_scripts_of_the_project(workflow: Path) -> None:
    for step in _steps(workflow):
        if "run" in step:
            script = re.fullmatch(r'(?:sudo env (?:"\w+=\$\w+" )+)?(scripts/[\w-]+)\b.*', step["run"])
            assert script, step["run"]
            assert (PROJECT / script[1]).stat().st_mode & 0o111, f"{script[1]} is not executable"


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda file: file.stem)
def test_actions_are_pinned_by_commit_with_their_version(workflow: Path) -> None:
    lines = [line for line in workflow.read_text().splitlines() if "uses:" in line]
    assert lines
    assert [line for line in lines if not _PINNED.search(line)] == []


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda file: file.stem)
def test_jobs_have_only_named_rights_and_a_time_limit(workflow: Path) -> None:
    assert yaml.safe_load(workflow.read_text())["permissions"] == {}
    for job in _jobs(workflow).values():
        assert job["permissions"]
        assert job["timeout-minutes"] <= 60


def test_only_release_and_package_updates_may_write() -> None:
    writing = {
        file.stem for file in WORKFLOWS for job in _jobs(file).values() if "write" in job["permissions"].values()
    }
    assert writing == {"release", "update-packages"}


def test_tests_run_on_every_supported_version_of_python() -> None:
    (matrix,) = (job["strategy"]["matrix"]["python"] for job in _jobs(WORKFLOWS[0]).values() if "strategy" in job)
    client = tomllib.loads((PROJECT / "clients" / "python" / "pyproject.toml").read_text())
    minor = "Programming Language :: Python :: 3."
    supported = [each.removeprefix(minor) for each in client["project"]["classifiers"] if each.startswith(minor)]
    assert matrix == [f"3.{version}" for version in supported]


def test_a_release_needs_the_same_version_everywhere() -> None:
    version = tomllib.loads((PROJECT / "pyproject.toml").read_text())["project"]["version"]

    def check(tag: str) -> subprocess.CompletedProcess[str]:
        command = [PROJECT / "scripts" / "release", "check", tag]
        return subprocess.run(command, capture_output=True, text=True, check=False)

    assert check(f"v{version}").returncode == 0, check(f"v{version}").stdout
    other = check("v999.0.0")
    assert other.returncode == 1
    assert other.stdout.count("999.0.0") == 3  # the service, its client and the changelog
