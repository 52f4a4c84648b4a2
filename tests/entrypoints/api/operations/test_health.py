"""Health checks."""

from litestar.testing import TestClient

from application.ports.operations.dependencies import Dependency
from entrypoints.api.app import create_app


class Pillar(Dependency):
    def __init__(self, name, error=None, needed=True):
        self._name, self._fault, self._needed = name, error, needed

    @property
    def name(self):
        return self._name

    @property
    def needed(self):
        return self._needed

    async def check(self):
        if self._fault:
            raise self._fault


def test_a_running_process_is_live(service):
    assert service.client.get("/health/live").json() == {"status": "alive", "version": "1.2.3"}


def test_the_service_is_ready_when_every_dependency_is_up(service):
    service.dependencies += [Pillar("database"), Pillar("cache"), Pillar("model")]
    response = service.client.get("/health/ready")
    assert response.status_code == 200
    assert response.json() == {
        "status": "ready",
        "dependencies": [{"name": name, "status": "up"} for name in ("database", "cache", "model")],
    }


def test_a_dependency_that_is_down_makes_it_not_ready_and_is_logged(service, caplog):
    service.dependencies += [Pillar("database", OSError("10.0.0.7 refused")), Pillar("model")]
    response = service.client.get("/health/ready")
    assert response.status_code == 503
    assert response.json()["dependencies"][0] == {"name": "database", "status": "down"}
    assert "10.0.0.7" not in response.text
    assert "10.0.0.7 refused" in caplog.text


def test_an_optional_dependency_may_be_down(service):
    service.dependencies += [Pillar("database"), Pillar("cache", OSError("refused"), needed=False)]
    response = service.client.get("/health/ready")
    assert response.status_code == 200
    assert response.json() == {
        "status": "ready",
        "dependencies": [{"name": "database", "status": "up"}, {"name": "cache", "status": "down"}],
    }


def test_hooks_run_when_the_server_starts_and_stops(service):
    seen = []

    async def open_pool():
        seen.append("opened")

    app = create_app(
        service.use_cases(), version="1", on_startup=[open_pool], on_shutdown=[lambda: seen.append("closed")]
    )
    with TestClient(app):
        assert seen == ["opened"]
    assert seen == ["opened", "closed"]
