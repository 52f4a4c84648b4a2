"""The secret key is replaced: its tokens stay valid while it is listed, and the audit trail verifies."""

from pathlib import Path

import httpx
import pytest

from harness.running_service import Service
from support.starting import Start, start

__all__ = ["start"]
pytestmark = pytest.mark.timeout(180)

OLD = "xC4mTq9VzK7rWb2LnY8hGs5JfD3PaEu1"
NEW = "bN6vXk3QtR8zMc1WyL9hTs4JfG7PaEo2"
PASSWORD = "correct horse battery"


def token_of(service: Service) -> dict[str, str]:
    form = {"grant_type": "password", "username": "admin", "password": PASSWORD}
    answer = httpx.post(f"http://127.0.0.1:{service.api_port}/api/v1/auth/token", data=form, timeout=30)
    return {"Authorization": f"Bearer {answer.json()['access_token']}"}


def accepted(service: Service, token: dict[str, str]) -> bool:
    url = f"http://127.0.0.1:{service.api_port}/api/v1/decisions"
    return httpx.get(url, headers=token, timeout=30).status_code != 401


def restart(service: Service, **settings: str) -> None:
    service.stop()
    service.environment.update(settings)
    service.start()


def test_the_secret_key_is_rotated_step_by_step(tmp_path: Path, start: Start) -> None:
    service = start(tmp_path, SCORING_SECRET_KEY=OLD, SCORING_ADMIN_PASSWORD=PASSWORD)
    service.decide()
    old = token_of(service)
    restart(service, SCORING_SECRET_KEY=NEW, SCORING_PREVIOUS_SECRET_KEYS=OLD)
    new = token_of(service)
    service.decide()
    assert [accepted(service, token) for token in (old, new)] == [True, True]
    verified = service.run("audit", "verify")
    assert verified.returncode == 0, verified.stdout
    restart(service, SCORING_PREVIOUS_SECRET_KEYS="")
    assert [accepted(service, token) for token in (old, new)] == [False, True]
    unknown = service.run("audit", "verify", "--whole")  # old checkpoints, too
    assert unknown.returncode == 1
    assert "checkpoint" in unknown.stdout
