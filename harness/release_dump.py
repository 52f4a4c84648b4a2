"""Stores a small database of the current release, from which every later release must be able to migrate.

`python -m harness.release_dump` runs the service, uses every part of it a little, and writes the folder
`tests/upgrades/releases/RELEASE` with `database.dump` and `expected.json`: what the release answered.
"""

import json
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path
from random import Random
from typing import Any

from domain.access.user import Role
from domain.products.personal_loan import EXAMPLE
from harness.polling import eventually
from harness.running_service import Service

RELEASES = Path(__file__).parents[1] / "tests" / "upgrades" / "releases"
SECRET = "Rx4vTq9LmZ2kWb7NcY5hGd8JfP3sAe6U"  # noqa: S105 - of these dumps only
"""The secret key of the service that wrote the dumps; it also derives the key that signs checkpoints."""
OUTCOMES = ("approved", "referred", "declined")
_EACH = 4
_HEADER = (
    "annual_inc,emp_length,home_ownership,loan_amnt,term,purpose,fico_range_low,fico_range_high,dti,revol_util"
)
_HEADER += ",inq_last_6mths,delinq_2yrs,pub_rec\n"
_ROW = "52000.5,5 years,RENT,9000, 36 months,car,700,704,15.25,30.1%,1,0,0\n"


def store_release(folder: Path) -> None:
    """Write the dump and the expected answers into a new folder."""
    with tempfile.TemporaryDirectory(prefix="scoring-release-") as temporary:
        data = Path(temporary)
        service = Service(data / "data", without=("ui",), SCORING_SECRET_KEY=SECRET)
        try:
            expected = _use(service)
            backup = service.run("backup", str(data / "backup"))
            assert backup.returncode == 0, backup.stderr
        finally:
            service.close()
        folder.mkdir(parents=True)
        shutil.copy(data / "backup" / "database.dump", folder)
        manifest = json.loads((data / "backup" / "manifest.json").read_text())
        content = {"release": manifest["release"], "database": manifest["database"], **expected}
        (folder / "expected.json").write_text(json.dumps(content, indent=1) + "\n")


def _use(service: Service) -> dict[str, Any]:
    """Decisions of every outcome, users of every role, a batch and checkpoints."""
    for role in Role:
        service.add_user(f"a-{role.value}", role)
    decided: dict[str, list[str]] = {outcome: [] for outcome in OUTCOMES}
    for number, body in enumerate(_applications()):
        answer = _post(service, "/api/v1/predictions", json.dumps(body), key=f"release-{number}")
        decided[answer["prediction"]["outcome"]].append(answer["request_id"])
        if all(len(found) >= _EACH for found in decided.values()):
            break
    assert service.run("audit", "checkpoint").returncode == 0
    batch = _post(service, "/api/v1/batches?name=loans.csv", _HEADER + _ROW * 5, kind="text/csv", key="release")
    path = f"/api/v1/batches/{batch['batch_id']}"
    eventually(lambda: service.get(path)["state"] == "done", within=60)
    assert service.run("users", "role", "a-auditor", "--role", "risk-manager").returncode == 0
    assert service.run("audit", "verify").returncode == 0
    assert service.run("audit", "checkpoint").returncode == 0
    kept = [each for found in decided.values() for each in found[:_EACH]]
    return {
        "decisions": {each: service.get(f"/api/v1/decisions/{each}") for each in kept},
        "batch": service.get(path),
        "users": service.run("users", "list").stdout.splitlines(),
    }


def _applications() -> Iterator[dict[str, Any]]:
    chance = Random(5)  # noqa: S311 - invented loans
    while True:
        low = chance.randrange(620, 845, 5)
        yield {
            **EXAMPLE,
            "annual_inc": round(chance.lognormvariate(11, 0.7), 2),
            "loan_amnt": chance.randrange(1_000, 35_000, 25),
            "fico_range_low": low,
            "fico_range_high": low + 4,
            "dti": round(chance.uniform(2, 50), 2),
            "inq_last_6mths": chance.randrange(6),
        }


def _post(service: Service, path: str, body: str, *, kind: str = "application/json", key: str) -> dict[str, Any]:
    headers = [service.authorization, f"Content-Type: {kind}", f"Idempotency-Key: {key}"]
    command = ["curl", "-s", f"http://127.0.0.1:{service.api_port}{path}", "--data-binary", "@-"]
    command += [part for header in headers for part in ("-H", header)]
    sent = subprocess.run(command, input=body, capture_output=True, text=True, check=True)
    answer: dict[str, Any] = json.loads(sent.stdout)
    return answer


if __name__ == "__main__":
    store_release(RELEASES / version("credit-scoring"))
