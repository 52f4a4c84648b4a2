"""The second product runs through API, form, file, batch, reasons and reproduction, by its files alone."""

import csv
import io
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from click.testing import CliRunner

from domain.access.user import Role
from domain.applications import application_identity, bureau_fields, superseding
from entrypoints.cli.train import command as train
from entrypoints.composition.initial_policy import NoInitialPolicy, initial_policy
from entrypoints.configuration.settings import read_settings
from harness.people import PASSWORD
from harness.polling import eventually
from harness.running_service import SCORING, Service, clean_environment, free_ports
from support.paths import PROJECT
from support.real_browser import NEEDS_CHROMIUM, chromium

AUTO_LOAN = PROJECT / "examples" / "auto_loan"
PRODUCT = json.loads((AUTO_LOAN / "product.json").read_text())
EXAMPLE = PRODUCT["example"]
RISKY = EXAMPLE | {
    "requested_amount": 27_000.0,
    "credit_score": 601,
    "past_due_accounts": 3,
    "monthly_income": 2600.0,
}
pytestmark = pytest.mark.timeout(240)


SETTINGS = {
    "SCORING_PRODUCT": str(AUTO_LOAN / "product.json"),
    "SCORING_INITIAL_POLICY": str(AUTO_LOAN / "policy.json"),
    "SCORING_MODEL_DIR": str(AUTO_LOAN / "model"),
}


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    running = Service(tmp_path_factory.mktemp("auto"), **SETTINGS)
    yield running
    running.close()


@pytest.fixture
def api(service: Service) -> Iterator[httpx.Client]:
    """A client with the token of a loan officer."""
    headers = {"Authorization": f"Bearer {service.token_of('olga', Role.LOAN_OFFICER)}"}
    with httpx.Client(
        base_url=f"http://127.0.0.1:{service.api_port}/api/v1", headers=headers, timeout=30
    ) as client:
        yield client


def decide(api: httpx.Client, application: dict[str, Any]) -> dict[str, Any]:
    answer = api.post("/predictions", json=application)
    assert answer.status_code == 200, answer.text
    content: dict[str, Any] = answer.json()["prediction"]
    return content


def applications(folder: Path, count: int) -> Path:
    """A file of simulated applications."""
    file = folder / "applications.csv"
    simulate = [sys.executable, str(AUTO_LOAN / "simulate.py"), str(file)]
    subprocess.run([*simulate, "--applications", f"--loans={count}", "--seed=2"], check=True, capture_output=True)
    return file


def application_in(row: dict[str, str]) -> dict[str, Any]:
    """An application as the API takes it, from a row of the file."""
    words = {field["name"] for field in PRODUCT["fields"] if "choices" in field}
    whole = {field["name"] for field in PRODUCT["fields"] if field.get("whole")}
    values: dict[str, Any] = {}
    for name, text in row.items():
        values[name] = (
            text if name in words else None if not text else int(float(text)) if name in whole else float(text)
        )
    return values


def test_the_api_decides_explains_and_reproduces(api: httpx.Client, service: Service) -> None:
    good, risky = decide(api, EXAMPLE), decide(api, RISKY)
    assert good["outcome"] == "approved"
    assert set(good["contributions"]) == {each["name"] for each in PRODUCT["characteristics"]}
    assert risky["outcome"] == "declined"
    assert {reason["code"] for reason in risky["reasons"]} <= set(PRODUCT["reasons"])
    assert {reason["text"] for reason in risky["reasons"]} <= set(PRODUCT["reasons"].values())
    assert "the payment is at most 20 % of income" in risky["failed_rules"]
    recorded = api.get(f"/decisions/{risky['decision_id']}").json()
    assert recorded["application"] == RISKY
    auditor = service.authorization_of("arthur", Role.AUDITOR)
    for decision in (good, risky):
        found = service.get(f"/api/v1/decisions/{decision['decision_id']}/reproduction", authorization=auditor)
        assert (found["identical"], found["differences"]) == (True, []), found
    options = api.get(f"/decisions/{risky['decision_id']}/counterfactual").json()
    assert options["decision_id"] == risky["decision_id"]
    verified = service.run("audit", "verify")
    assert verified.returncode == 0, verified.stdout


def test_the_api_names_every_fault_by_the_fields_of_the_product(api: httpx.Client) -> None:
    answer = api.post("/predictions", json=EXAMPLE | {"residence": "RENTED", "vehicle_age": 2.5, "annual_inc": 1})
    assert answer.status_code == 422
    faults = {each["field"]: each["problem"] for each in answer.json()["errors"]}
    assert set(faults) == {"residence", "vehicle_age", "annual_inc"}
    assert "did you mean RENT?" in faults["residence"]


def test_a_file_gets_the_decisions_of_the_api(api: httpx.Client, service: Service, tmp_path: Path) -> None:
    file = applications(tmp_path, 40)
    done = service.run("score", str(file), "--out", str(tmp_path / "results.csv"))
    assert done.returncode == 0, done.stderr
    rows = list(csv.DictReader(io.StringIO(file.read_text())))
    results = list(csv.DictReader(io.StringIO((tmp_path / "results.csv").read_text())))
    assert len(results) == len(rows) == 40
    assert len({result["outcome"] for result in results}) > 1
    for row, result in zip(rows[:10], results, strict=False):
        decision = decide(api, application_in(row))
        assert float(result["probability_of_default"]) == decision["probability_of_default"]
        assert result["outcome"] == decision["outcome"]
        assert float(result["recommended_amount"]) == decision["recommended_amount"]


def test_a_batch_is_decided(api: httpx.Client, service: Service, tmp_path: Path) -> None:
    api.headers["Authorization"] = f"Bearer {service.token_of('rui', Role.RISK_MANAGER)}"
    content = applications(tmp_path, 30).read_text() + "a,row,that,is,no,application,,,,,\n"
    submitted = api.post("/batches?name=auto.csv", content=content, headers={"Content-Type": "text/csv"})
    assert submitted.status_code == 202, submitted.text
    path = f"/batches/{submitted.json()['batch_id']}"
    eventually(lambda: api.get(path).json()["state"] == "done", within=60)
    assert api.get(path).json()["progress"]["rows_refused"] == 1
    results = list(csv.DictReader(io.StringIO(api.get(f"{path}/results").text)))
    assert len(results) == 30


def test_a_model_is_trained_for_the_product(tmp_path: Path) -> None:
    loans, out = tmp_path / "loans.csv", tmp_path / "model"
    simulate = [sys.executable, str(AUTO_LOAN / "simulate.py"), str(loans), "--loans=2500"]
    subprocess.run(simulate, check=True, capture_output=True)
    arguments = [
        str(loans),
        "--out",
        str(out),
        "--product",
        SETTINGS["SCORING_PRODUCT"],
        "--trees=8",
        "--refits=2",
    ]
    trained = CliRunner().invoke(train, arguments)
    assert trained.exit_code == 0, trained.output
    manifest = json.loads((out / "manifest.json").read_text())
    assert manifest["product"] == {"name": "auto_loan", "version": "1"}
    card = (out / "model_card.md").read_text()
    assert "a loan of the product auto_loan (Auto loan), version 1" in card
    assert "Monotone in everything but time with employer and residence." in card
    assert re.search(r"\| tested on \| 2022-\d\d to 2023-12, 6\d\d loans", card)  # the last quarter
    assert "LendingClub" not in card


def test_a_database_of_another_product_needs_a_policy_for_this_one(tmp_path: Path) -> None:
    def run(*arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
        environment = clean_environment(SCORING_DATA_DIR=str(tmp_path), **settings)
        command = [*SCORING, *arguments]
        return subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=90)

    product = {name: value for name, value in SETTINGS.items() if name != "SCORING_INITIAL_POLICY"}
    ports = ("API_PORT", "UI_PORT", "API_METRICS_PORT", "UI_METRICS_PORT")
    product |= {f"SCORING_{name}": str(port) for name, port in zip(ports, free_ports(4), strict=True)}
    assert run("migrate").returncode == 0
    refused = run("up", **product)
    assert refused.returncode == 1
    assert "the policy is for personal_loan 1, not for auto_loan 1" in refused.stderr
    assert "Traceback" not in refused.stderr
    other = tmp_path / "policy.json"
    other.write_text((AUTO_LOAN / "policy.json").read_text().replace('"version": "1",\n', '"version": "4",\n'))
    refused = run("policies", "activate", str(other), **product)
    assert refused.returncode == 1
    assert "the policy is for personal_loan 1, not for auto_loan 1. Set SCORING_PRODUCT as the" in refused.stderr
    assert "1 activation." in run("policies", "list", **product).stdout
    activated = run("policies", "activate", str(other), "--change-product", **product)
    assert activated.returncode == 0, activated.stderr
    assert "Policy 4 is in force" in activated.stdout


def test_a_database_without_a_policy_needs_one_of_the_product(tmp_path: Path) -> None:
    product = {name: value for name, value in SETTINGS.items() if name != "SCORING_INITIAL_POLICY"}
    assert initial_policy(read_settings(SETTINGS)).product.name == "auto_loan"
    with pytest.raises(NoInitialPolicy, match="No policy for auto_loan 1 was activated yet: set SCORING_INITIAL"):
        initial_policy(read_settings(product))
    with pytest.raises(NoInitialPolicy, match="the policy is for auto_loan 1, not for personal_loan 1"):
        initial_policy(read_settings({"SCORING_INITIAL_POLICY": SETTINGS["SCORING_INITIAL_POLICY"]}))


def test_the_api_documents_the_product(service: Service) -> None:
    document = service.get("/schema/openapi.json")
    fields = {field["name"] for field in PRODUCT["fields"]}
    beside = {*application_identity.NAMES, *bureau_fields.NAMES, *superseding.NAMES}
    assert set(document["components"]["schemas"]["LoanApplicationBody"]["properties"]) == fields | beside


@pytest.mark.browser
@NEEDS_CHROMIUM
def test_the_form_decides_in_the_browser(service: Service) -> None:
    service.add_user("marta", Role.LOAN_OFFICER)
    with chromium() as browser:
        page = browser.new_page(viewport={"width": 1280, "height": 900})
        page.set_default_timeout(20_000)
        page.goto(f"http://127.0.0.1:{service.ui_port}/")
        page.get_by_label("Username").fill("marta")
        page.get_by_label("Password", exact=True).fill(PASSWORD)
        page.keyboard.press("Enter")
        page.get_by_role("heading", name="New application").wait_for()
        for heading in ("Applicant", "Vehicle", "Loan", "Credit report"):
            assert page.get_by_role("heading", name=heading, exact=True).count() == 1
        for field in PRODUCT["fields"]:
            value = EXAMPLE[field["name"]]
            optional = " (optional)" if field.get("optional") else ""
            box = page.get_by_label(field["label"] + optional, exact=True)
            if "choices" in field:
                label = dict(zip(field["choices"], field.get("labels", field["choices"]), strict=True))[value]
                box.select_option(label=label)
            else:
                box.fill(f"{value:g}")
        income = page.get_by_label("Monthly income", exact=True)
        income.fill("62,400")
        page.get_by_role("button", name="Assess application").click()
        page.get_by_text("Is this the income of a year? Enter the income of one month.").wait_for()
        page.get_by_role("button", name="Go back").click()
        income.fill(f"{EXAMPLE['monthly_income']:g}")
        page.get_by_role("button", name="Assess application").click()
        page.get_by_role("heading", name="Score contributions").wait_for()
        assert page.locator(".outcome-title").inner_text() == "Approved"
        shown = page.locator("body").inner_text()
        assert "$21,000 over 60 months" in shown
        for field in PRODUCT["fields"]:
            assert field["label"] in shown
        assert re.findall(rb"/Type /Pages\b.*?/Count (\d+)", page.pdf(format="Letter"), re.S) == [b"1"]
        page.get_by_role("link", name="Decisions", exact=True).click()
        page.locator("table.list-table tbody tr").first.wait_for()
        page.goto(f"http://127.0.0.1:{service.ui_port}/overview")
        page.get_by_role("heading", name="Outcomes").wait_for()
