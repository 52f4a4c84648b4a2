"""Settings: everything from the environment, every fault named at once."""

from pathlib import Path

import pytest

from entrypoints.configuration.setting_readers import PROJECT
from entrypoints.configuration.settings import SETTINGS, InvalidSettings, read_settings, settings_table

README = PROJECT / "README.md"


@pytest.fixture
def good(tmp_path: Path) -> dict[str, str]:
    return {"SCORING_MODEL_DIR": str(tmp_path)}


def test_an_empty_environment_is_a_working_configuration(good: dict[str, str]) -> None:
    settings = read_settings(good)
    assert (settings.api_port, settings.ui_port, settings.host) == (8000, 8501, "127.0.0.1")
    assert settings.database_url is None
    assert settings.data_dir == PROJECT / "data"


def test_every_fault_is_named_at_once(tmp_path: Path) -> None:
    environment = {
        "SCORING_API_PORT": "http",
        "SCORING_UI_PORT": "70000",
        "SCORING_DATABASE_URL": "mysql://somewhere",
        "SCORING_MODEL_DIR": str(tmp_path / "missing"),
        "SCORING_ADMIN_PASSWORD": "short",
        "SCORING_REDIS_ULR": "redis://x",
        "SCORING_LOG_FORMAT": "xml",
    }
    with pytest.raises(InvalidSettings) as refused:
        read_settings(environment, required=("redis_url",))
    text = str(refused.value)
    for variable in environment:
        assert variable in text
    assert "did you mean SCORING_REDIS_URL?" in text
    assert "SCORING_REDIS_URL is missing" in text
    assert len(refused.value.faults) == len(environment) + 1


@pytest.mark.parametrize("secret", ["hunter2", "k" * 31])
def test_a_refused_secret_is_not_repeated(good: dict[str, str], secret: str) -> None:
    with pytest.raises(InvalidSettings) as refused:
        read_settings({**good, "SCORING_ADMIN_PASSWORD": "hunter2", "SCORING_SECRET_KEY": secret})
    assert secret not in str(refused.value)


def test_the_two_ports_must_differ(good: dict[str, str]) -> None:
    with pytest.raises(InvalidSettings, match="must differ"):
        read_settings({**good, "SCORING_API_PORT": "9000", "SCORING_UI_PORT": "9000"})


def test_the_ports_for_metrics_of_several_api_workers_must_differ_from_the_others(good: dict[str, str]) -> None:
    ports = {"SCORING_API_METRICS_PORT": "9101", "SCORING_UI_METRICS_PORT": "9102"}
    read_settings({**good, **ports})
    with pytest.raises(InvalidSettings, match="must differ"):
        read_settings({**good, **ports, "SCORING_API_WORKERS": "2"})


def test_a_file_is_no_data_folder(good: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(InvalidSettings, match="is not a folder"):
        read_settings({**good, "SCORING_DATA_DIR": str(tmp_path / "file")})


def test_the_readme_has_the_table_of_settings() -> None:
    assert settings_table() in README.read_text()
    assert all(setting.variable in README.read_text() for setting in SETTINGS)


@pytest.mark.parametrize("given", ["-0.1", "1.1", "nan", "ten percent"])
def test_a_sample_rate_outside_0_to_1_is_refused(good: dict[str, str], given: str) -> None:
    with pytest.raises(InvalidSettings, match="SCORING_TRACE_SAMPLE_RATE: must be a number from 0 to 1"):
        read_settings({**good, "SCORING_TRACE_SAMPLE_RATE": given})
