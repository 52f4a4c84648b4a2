"""Every provider of every container can be created from the settings alone; nothing connects before it is used."""

from pathlib import Path

import pytest

from entrypoints.composition.container import Container
from entrypoints.composition.processes.commands import CommandContainer
from entrypoints.composition.processes.worker import WorkerContainer
from entrypoints.configuration.settings import read_settings

WITHOUT_TOKEN = {"acting_person", "person"}
"""None unless a command is given a token."""


@pytest.mark.parametrize(
    ("container", "options"),
    [
        (Container, {"process": "api"}),
        (Container, {"process": "ui"}),
        (WorkerContainer, {"process": "worker", "lease_seconds": 15.0}),
        (CommandContainer, {"process": "command"}),
    ],
)
def test_every_provider_creates_its_object(
    container: type[Container], options: dict[str, object], tmp_path: Path
) -> None:
    settings = read_settings(
        {
            "SCORING_DATA_DIR": str(tmp_path),
            "SCORING_DATABASE_URL": "postgresql://nobody@127.0.0.1:1/nowhere",
            "SCORING_REDIS_URL": "redis://127.0.0.1:1",
            "SCORING_CHECKPOINT_FILE": str(tmp_path / "checkpoints"),
            "SCORING_RATE_LIMIT": "10",
        }
    )
    built = container(settings=settings, **options)
    for name, provider in built.providers.items():
        assert provider() is not None or name in WITHOUT_TOKEN, name
