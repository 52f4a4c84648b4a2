"""`scoring policies`: a policy that is activated while the service runs, and every process that follows."""

import csv
import html
import io
import json
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx
import pytest
from distributed import LocalCluster

from domain.access.user import Role
from harness.polling import eventually
from harness.running_service import Service
from support.loan_rows import varied_loans, write_loans

pytestmark = pytest.mark.timeout(120)
SECONDS_TO_FOLLOW = 5.0


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    with closing(Service(tmp_path_factory.mktemp("service") / "data")) as running:
        yield running


def scoring(service: Service, *arguments: str | Path) -> str:
    done = service.run(*map(str, arguments))
    assert done.returncode == 0, done.stderr
    return done.stdout


def policy_in_force(service: Service) -> dict[str, Any]:
    content: dict[str, Any] = json.loads(scoring(service, "policies", "show"))
    return content


def activate(service: Service, folder: Path, **changed: Any) -> str:
    """Activate the policy in force with these changes; returns the output."""
    policy = policy_in_force(service)
    policy["pricing"] |= changed.pop("pricing", {})
    file = folder / "policy.json"
    file.write_text(json.dumps(policy | changed))
    return scoring(service, "policies", "activate", file)


def versions_in_metrics(port: int) -> str:
    text = httpx.get(f"http://127.0.0.1:{port}/metrics").text
    return next(line for line in text.splitlines() if line.startswith("scoring_build_info{"))


def decided_batch(service: Service, file: Path) -> list[dict[str, str]]:
    api = f"http://127.0.0.1:{service.api_port}/api/v1/batches"
    name, _, token = service.authorization.partition(": ")
    headers = {name: token, "Content-Type": "text/csv"}
    batch = httpx.post(api, content=file.read_bytes(), headers=headers).json()
    address = f"{api}/{batch['batch_id']}"
    eventually(lambda: httpx.get(address, headers=headers).json()["state"] == "done", within=30)
    return list(csv.DictReader(io.StringIO(httpx.get(f"{address}/results", headers=headers).text)))


def scored_file(service: Service, file: Path, *options: str) -> list[dict[str, str]]:
    out = file.with_name("scored.csv")
    scoring(service, "score", file, "--out", out, *options)
    return list(csv.DictReader(out.read_text().splitlines()))


def amounts_offered(browser: httpx.Client) -> str:
    """The page of a new application, which states the amounts that the policy offers."""
    return html.unescape(browser.get("/").text)


@pytest.fixture
def browser(service: Service) -> Iterator[httpx.Client]:
    """A browser in which a loan officer is logged in."""
    password = service.add_user("olga", Role.LOAN_OFFICER)
    address = f"http://127.0.0.1:{service.ui_port}"
    with httpx.Client(base_url=address, follow_redirects=True) as browser:
        browser.post("/login", data={"name": "olga", "password": password})
        yield browser


@pytest.fixture(scope="module")
def dask(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a Dask scheduler with one worker process."""
    folder = str(tmp_path_factory.mktemp("dask"))
    options = {"host": "127.0.0.1", "dashboard_address": "127.0.0.1:0", "local_directory": folder}
    with LocalCluster(n_workers=1, threads_per_worker=1, processes=True, **options) as cluster:
        yield cluster.scheduler_address


def test_every_process_follows_a_policy_activated_at_run_time(
    service: Service, browser: httpx.Client, dask: str, tmp_path: Path
) -> None:
    loans = write_loans(tmp_path / "loans.csv", varied_loans(300))
    assert service.decide()["prediction"]["policy_version"] == "3"
    assert {row["policy_version"] for row in decided_batch(service, loans)} == {"3"}
    assert "$1,000 to $35,000." in amounts_offered(browser)

    output = activate(
        service,
        tmp_path,
        version="strict",
        approve_below=0.001,
        decline_from=0.002,
        rationale="Almost no one is approved, so that the test sees which policy decided. " * 2,
        pricing={"maximum_amount": 9e3},
    )
    activated = time.monotonic()
    assert "approve_below: 0.14 → 0.001" in output
    assert "rationale: the text changed" in output
    assert "pricing / maximum_amount: 35000.0 → 9000.0" in output

    def followed() -> bool:
        return (
            service.decide()["prediction"]["policy_version"] == "strict"
            and "$1,000 to $9,000." in amounts_offered(browser)
            and all(
                'policy_version="strict"' in versions_in_metrics(port)
                for port in (service.api_metrics_port, service.ui_metrics_port)
            )
        )

    eventually(followed, within=SECONDS_TO_FOLLOW)
    time.sleep(max(0.0, activated + SECONDS_TO_FOLLOW - time.monotonic()))
    answer = service.decide()
    assert answer["prediction"]["outcome"] == "declined"
    assert {(row["policy_version"], row["outcome"]) for row in decided_batch(service, loans)} == {
        ("strict", "declined")
    }
    for options in ((), ("--no-record",), ("--dask", dask), ("--dask", dask, "--no-record")):
        assert {row["policy_version"] for row in scored_file(service, loans, *options)} == {"strict"}
    assert scoring(service, "reproduce", answer["request_id"])
    listed = scoring(service, "policies", "list").splitlines()
    assert [line.split()[1] for line in listed[:-1]] == ["strict", "3"]
    assert "in force since" in listed[0]
    assert "by os:" in listed[0]
    assert "no issues" in scoring(service, "audit", "verify")


def test_a_policy_is_tried_on_a_file_before_it_is_activated(service: Service, tmp_path: Path) -> None:
    loans = write_loans(tmp_path / "loans.csv", varied_loans(300))
    draft = policy_in_force(service) | {"version": "draft", "approve_below": 0.3, "decline_from": 0.9}
    (tmp_path / "draft.json").write_text(json.dumps(draft))
    tried = scored_file(service, loans, "--no-record", "--policy", str(tmp_path / "draft.json"))
    assert {row["policy_version"] for row in tried} == {"draft"}
    assert policy_in_force(service)["version"] != "draft"
    arguments = ("score", str(loans), "--out", str(tmp_path / "r.csv"), "--policy", str(tmp_path / "draft.json"))
    refused = service.run(*arguments)
    assert (refused.returncode, "--policy needs --no-record" in refused.stderr) == (2, True)
    (tmp_path / "draft.json").write_text(json.dumps(draft | {"version": 7}))
    refused = service.run(*arguments, "--no-record")
    assert (refused.returncode, "version must be a text" in refused.stderr) == (2, True)


def test_the_policy_in_force_is_printed_in_the_present_schema_under_another_version(service: Service) -> None:
    before = policy_in_force(service)
    shown = json.loads(scoring(service, "policies", "show", "--as", "next"))
    assert shown == before | {"version": "next"}
    refused = service.run("policies", "show", "--as", "")
    assert (refused.returncode, "a policy must have a version" in refused.stderr) == (2, True)


def test_the_fast_path_decided_and_nothing_was_left_to_the_ordinary_path(service: Service) -> None:
    service.decide()
    metrics = httpx.get(f"http://127.0.0.1:{service.api_metrics_port}/metrics").text
    assert 'scoring_fast_path_fallbacks_total{reason="error"' not in metrics


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("not JSON", "the file is not JSON"),
        ('{"version": "3"}', "rules is missing"),
        ("changed limits", "approve cut-off must not be above"),
        ("same version", "another policy with version"),
        ("unchanged", "in force already"),
    ],
)
def test_a_file_that_is_not_a_new_policy_is_refused(
    service: Service, tmp_path: Path, text: str, fault: str
) -> None:
    policy = policy_in_force(service)
    changes: dict[str, dict[str, Any]] = {
        "changed limits": {"version": "3", "approve_below": 0.9},
        "same version": {"rationale": "another"},
        "unchanged": {},
    }
    file = tmp_path / "policy.json"
    file.write_text(json.dumps(policy | changes[text]) if text in changes else text)
    done = service.run("policies", "activate", str(file))
    assert done.returncode != 0
    assert fault in done.stderr
    assert policy_in_force(service) == policy
