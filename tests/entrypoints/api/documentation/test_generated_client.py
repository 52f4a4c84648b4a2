"""A client generated from the OpenAPI document gets a typed decision."""

import importlib
import json
import subprocess
import sys

import pytest

from domain.access.user import Role
from domain.products.personal_loan import EXAMPLE, PERSONAL_LOAN
from entrypoints.api.routes import openapi_document

PACKAGE = "generated_client"


@pytest.fixture(scope="module")
def generated(tmp_path_factory):
    """The package that openapi-python-client generates."""
    folder = tmp_path_factory.mktemp("client")
    (folder / "openapi.json").write_text(json.dumps(openapi_document("1.2.3", PERSONAL_LOAN)))
    (folder / "config.yml").write_text("post_hooks: []\n")
    command = [sys.executable, "-m", "openapi_python_client", "generate", "--meta", "none"]
    options = ["--path", "openapi.json", "--config", "config.yml", "--output-path", PACKAGE]
    done = subprocess.run([*command, *options], cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    sys.path.insert(0, str(folder))
    yield lambda name: importlib.import_module(f"{PACKAGE}.{name}")
    sys.path.remove(str(folder))


@pytest.fixture
def client(generated, service):
    service.client.headers.update(service.as_(Role.SERVICE))
    return generated("client").Client(base_url="http://testserver.local").set_httpx_client(service.client)


def test_it_requests_a_decision_and_reads_it_back(generated, client):
    models = generated("models")
    application = models.LoanApplicationBody.from_dict(EXAMPLE)
    response = generated("api.decisions.predict").sync_detailed(
        client=client, body=application, idempotency_key="first"
    )
    decision = response.parsed
    assert isinstance(decision, models.DecisionResponse)
    assert decision.success is True
    assert decision.prediction.prediction == 0
    assert decision.timestamp.tzinfo is not None
    read = generated("api.decisions.read_decision").sync(decision.request_id, client=client)
    assert read.application == application


def test_it_lists_with_filters_and_summarizes(generated, client):
    models = generated("models")
    outcome = models.Outcome.APPROVED
    page = generated("api.decisions.list_decisions").sync(client=client, outcome=outcome, limit=1)
    assert isinstance(page, models.DecisionList)
    batches = generated("api.batches.list_batches").sync(client=client)
    assert isinstance(batches, models.BatchList)


def test_it_gets_a_typed_problem_for_an_invalid_application(generated, client):
    models = generated("models")
    application = models.LoanApplicationBody.from_dict(EXAMPLE)
    application.dti = -1
    problem = generated("api.decisions.predict").sync(client=client, body=application)
    assert isinstance(problem, models.Problem)
    assert [error.field for error in problem.errors] == ["dti"]
