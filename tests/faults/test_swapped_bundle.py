"""The bundle is replaced on disk while the service runs: it keeps its model, and verifies the next one."""

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from adapters.embedded import EmbeddedPostgres
from domain.access.user import Role
from domain.products.personal_loan import EXAMPLE
from harness.people import add_user
from harness.polling import eventually
from harness.running_service import SCORING, clean_environment, free_ports
from replicas.behind_haproxy import OFFICER, PASSWORD, ServerProcess, ask, is_ready, token_from
from support.other_models import CHAMPION, another_model
from support.starting import Start

pytestmark = pytest.mark.timeout(30)


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    """A copy of the champion that may be damaged."""
    folder = tmp_path / "bundle"
    folder.mkdir()
    put(folder, CHAMPION)
    return folder


def prediction_of(answer: dict[str, Any]) -> dict[str, Any]:
    """The parts of a response that depend on the applicant."""
    prediction: dict[str, Any] = answer["prediction"]
    return {name: value for name, value in prediction.items() if name != "decision_id"}


def put(folder: Path, files: dict[str, bytes]) -> None:
    """Overwrite the existing files in place, as a careless deployment does."""
    for name, content in files.items():
        (folder / name).write_bytes(content)


def test_the_service_keeps_its_model_until_it_restarts(tmp_path: Path, start: Start, bundle: Path) -> None:
    service = start(tmp_path / "data", SCORING_MODEL_DIR=str(bundle))
    first = service.decide()
    put(bundle, another_model())
    again = service.decide()
    assert prediction_of(again) == prediction_of(first)
    assert set(service.dependencies().values()) == {"up"}
    for name in CHAMPION:
        (bundle / name).write_bytes(b"")
    assert prediction_of(service.decide()) == prediction_of(first)
    assert set(service.dependencies().values()) == {"up"}
    put(bundle, another_model())
    assert service.stop() == 0
    successor = start(tmp_path / "data", SCORING_MODEL_DIR=str(bundle))
    assert "9.9.9" in successor.startup_output
    other = successor.decide()
    assert other["prediction"]["probability"] < first["prediction"]["probability"]  # of repayment
    officer = successor.authorization_of("olga", Role.LOAN_OFFICER)
    reproduced = successor.get(f"/api/v1/decisions/{first['request_id']}/reproduction", authorization=officer)
    assert reproduced["identical"] is True


def test_the_model_is_archived_as_loaded_where_the_database_starts_after_the_swap(
    tmp_path: Path, bundle: Path
) -> None:
    (port,) = free_ports(1)
    with EmbeddedPostgres(tmp_path / "database", durable=False) as database:
        environment = clean_environment(
            SCORING_DATABASE_URL=database.url,
            SCORING_REDIS_URL="redis://127.0.0.1:1",
            SCORING_DATA_DIR=str(tmp_path / "data"),
            SCORING_MODEL_DIR=str(bundle),
            SCORING_ADMIN_PASSWORD=PASSWORD,
            SCORING_API_PORT=str(port),
        )
        subprocess.run([*SCORING, "migrate"], env=environment, check=True, timeout=20, capture_output=True)
        add_user(database.url, OFFICER, Role.LOAN_OFFICER)
        database.stop()
        with ServerProcess(
            port, [*SCORING, "serve", "api"], environment, tmp_path / "log", health="/health/live"
        ) as api:
            put(bundle, another_model())
            database.start()
            eventually(lambda: is_ready(port))
            headers = {"Authorization": f"Bearer {token_from(port)}", "Content-Type": "application/json"}
            _, body = ask(port, "POST", "/api/v1/predictions", json.dumps(EXAMPLE), **headers)
            decision = json.loads(body)["prediction"]
            assert decision["model_version"] == "1.2.0"
            path = f"/api/v1/decisions/{decision['decision_id']}/reproduction"
            eventually(
                lambda: ask(port, "GET", path, **headers)[0] == 200
            )  # archived by the next run of its periodic tasks
            assert json.loads(ask(port, "GET", path, **headers)[1])["identical"] is True
            api.stop()


def test_a_damaged_bundle_stops_the_next_start_and_the_file_is_named(
    tmp_path: Path, start: Start, bundle: Path
) -> None:
    service = start(tmp_path / "data", SCORING_MODEL_DIR=str(bundle))
    first = service.decide()
    damaged = bytearray(CHAMPION["contributions.npy"])
    damaged[len(damaged) // 2] ^= 1
    (bundle / "contributions.npy").write_bytes(damaged)
    assert prediction_of(service.decide()) == prediction_of(first)
    assert set(service.dependencies().values()) == {"up"}
    assert service.stop() == 0
    refused = subprocess.run(
        [*SCORING, "up"], env=service.environment, capture_output=True, text=True, check=False, timeout=20
    )
    assert refused.returncode == 1
    assert "contributions.npy" in refused.stderr
    assert "Traceback" not in refused.stderr
