"""`scripts/load` against a running service: what it does, checks and refuses."""

import json
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from bench.applications import forms
from harness.running_service import clean_environment
from loadtest.applications import applications
from loadtest.checks import WrongAnswer, check_decision, check_recorded, check_results, check_same_decision
from loadtest.gates import Figures, Gate, InvalidGate, broken_gates, read_gates, results_of
from loadtest.plan import InvalidMix, read_mix
from loadtest.target import Target, own_service

pytestmark = pytest.mark.timeout(180)


@pytest.fixture(scope="module")
def target() -> Iterator[Target]:
    with own_service() as running:
        yield running


def load(*options: str, **environment: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "loadtest", *options],
        env=clean_environment(**environment),
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def test_runs_every_scenario_and_names_the_gate_that_failed(target: Target, tmp_path: Path) -> None:
    staff = target.users.staff
    assert staff is not None
    credentials = tmp_path / "credentials"
    credentials.write_text(
        f"SCORING_LOAD_USER={target.users.service.name}\nSCORING_LOAD_PASSWORD={target.users.service.password}\n"
        f"SCORING_LOAD_STAFF_USER={staff.name}\nSCORING_LOAD_STAFF_PASSWORD={staff.password}\n"
    )
    done = load(
        *("--host", target.host, "--web-host", target.web_host, "--credentials", str(credentials)),
        *("--duration", "8", "--users", "8", "--rate", "20", "--batch-rows", "20"),
        *("--mix", "single=4,keyed=4,batch=2,reads=4,web=2"),
        *("--max-p95-ms", "single=0.001", "--max-p99-ms", "60000", "--report", str(tmp_path / "report")),
    )
    summary = json.loads((tmp_path / "report" / "summary.json").read_text())
    failed = [line for line in done.stdout.splitlines() if line.startswith("Failed")]
    assert not failed, done.stdout
    assert done.returncode == 1, done.stdout + done.stderr
    (broken,) = summary["gates_broken"]
    assert broken.startswith("single: p95")
    assert f"Gate failed: {broken}" in done.stdout
    made = summary["results"]
    for name in ("single", "keyed: repeated", "batch: upload", "reads", "web: log in", "web: /decisions"):
        assert made[name]["requests"] > 0, name
    assert "locust" in (tmp_path / "report" / "report.html").read_text().lower()
    assert staff.password not in done.stdout + done.stderr


def test_refuses_a_host_without_users_and_takes_none_from_locusts_own_settings(target: Target) -> None:
    refused = load("--host", target.host)
    assert refused.returncode == 2
    for missing in ("SCORING_LOAD_USER", "SCORING_LOAD_STAFF_USER", "--web-host"):
        assert missing in refused.stderr


def test_says_why_a_service_cannot_be_tested(target: Target) -> None:
    users = {"SCORING_LOAD_USER": target.users.service.name, "SCORING_LOAD_PASSWORD": "not the password"}
    refused = load("--host", target.host, "--mix", "single=1", **users)
    assert refused.returncode == 2
    assert f"the user {target.users.service.name} cannot log in" in refused.stderr


@pytest.fixture(scope="module")
def answer(target: Target) -> dict[str, Any]:
    """A real decision of the service."""
    form = f"grant_type=password&username={target.users.service.name}&password={target.users.service.password}"
    form = form.replace(" ", "+")
    with urllib.request.urlopen(f"{target.host}/api/v1/auth/token", form.encode()) as response:  # noqa: S310
        token = json.loads(response.read())["access_token"]
    request = urllib.request.Request(  # noqa: S310
        f"{target.host}/api/v1/predictions",
        json.dumps(forms(1)[0]).encode(),
        {"Authorization": f"Bearer {token}", "Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request) as response:  # noqa: S310
        read: dict[str, Any] = json.loads(response.read())
    return read


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("decision_id", "1"),
        ("outcome", "maybe"),
        ("probability_of_default", 1.5),
        ("probability", 0.5),
        ("probability_of_default_interval", {"low": 0.99, "high": 1.0}),
    ],
)
def test_a_wrong_answer_is_noticed(answer: dict[str, Any], name: str, value: object) -> None:
    first = check_decision(answer)
    check_same_decision(answer, first)
    check_recorded(answer, first)
    wrong = deepcopy(answer)
    wrong["prediction"][name] = value
    with pytest.raises(WrongAnswer):
        check_decision(wrong)


def test_another_decision_under_the_same_key_is_noticed(answer: dict[str, Any]) -> None:
    other = deepcopy(answer)
    other["prediction"]["decision_id"] = "01a223a9-7faa-73ec-b95d-23352c0040e4"
    with pytest.raises(WrongAnswer, match="another decision"):
        check_same_decision(other, answer["prediction"])
    with pytest.raises(WrongAnswer, match="decision_id"):
        check_recorded(other, answer["prediction"])


def test_missing_results_of_a_batch_are_noticed() -> None:
    with pytest.raises(WrongAnswer, match="1 results for 2 rows"):
        check_results("decision_id,outcome,probability_of_default\nx,approved,0.1\n", 2)


def entry(name: str, times: dict[str, int], failures: int = 0, method: str = "POST") -> dict[str, Any]:
    return {
        "name": name,
        "method": method,
        "num_requests": sum(times.values()),
        "num_failures": failures,
        "response_times": times,
    }


def test_gates_are_checked_by_scenario_by_kind_of_request_and_over_everything() -> None:
    results = results_of(
        [
            entry("single", {"10": 96, "300": 4}),
            entry("keyed: first", {"20": 100}, failures=2),
            entry("keyed: repeated", {"5": 100}),
            entry("batch: decided", {"9000": 1}, method="WAIT"),
        ]
    )
    assert results["all"].requests == 300
    assert (results["single"].percentile(0.95), results["single"].percentile(0.99)) == (10, 300)
    assert results["keyed"].error_share == 0.01
    assert "batch" not in results
    kept = [Gate("p95", 10, "single"), Gate("error-share", 0.02, "keyed: first"), Gate("p99", 300)]
    assert not broken_gates(kept, results)
    broken = [Gate("p99", 299, "single"), Gate("error-share", 0), Gate("p95", 1, "reads")]
    assert broken_gates(broken, results) == [
        "single: p99 300 ms (limit 299 ms)",
        "all: error-share 0.67% (limit 0.00%)",
        "reads: no request was made",
    ]
    assert Figures().error_share == 0


def test_reads_gates_and_mixes() -> None:
    assert read_gates("p95", ["200", "keyed: first=50"], ["keyed"]) == [
        Gate("p95", 200),
        Gate("p95", 50, "keyed: first"),
    ]
    assert read_mix("single=3, web=0,keyed=1") == {"single": 3, "keyed": 1}
    for wrong in ("web=5", "keyed=", "keyed=nan", "-1"):
        with pytest.raises(InvalidGate):
            read_gates("p95", [wrong], ["keyed"])
    for wrong_mix in ("", "single", "other=1", "single=-1", "single=0"):
        with pytest.raises(InvalidMix):
            read_mix(wrong_mix)


def test_applications_are_distributed_like_real_ones() -> None:
    drawn = [each for each, _ in zip(applications(1), range(4000), strict=False)]
    incomes = sorted(float(each["annual_inc"]) for each in drawn)
    assert 50_000 < incomes[2000] < 65_000
    assert incomes[3900] > 150_000
    assert 0.4 < sum(each["purpose"] == "debt_consolidation" for each in drawn) / 4000 < 0.6
    large = [float(each["annual_inc"]) for each in drawn if float(each["loan_amnt"]) > 20_000]
    small = [float(each["annual_inc"]) for each in drawn if float(each["loan_amnt"]) < 5_000]
    assert sum(large) / len(large) > 1.4 * sum(small) / len(small)
