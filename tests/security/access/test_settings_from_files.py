"""Secrets from files, which keep them out of the environment of a container."""

import os
from pathlib import Path

import pytest

from entrypoints.configuration.settings import SETTINGS, InvalidSettings, read_settings

SECRET_KEY = "w8Fz3QmYt6RbN1xKd9LvC4sHj7PgAe2U"
VALUES = {
    "SCORING_DATABASE_URL": "postgresql://scoring_api:hunter2hunter2@postgres/scoring",
    "SCORING_REDIS_URL": "redis://scoring:hunter2hunter2@redis:6379/0",
    "SCORING_SECRET_KEY": SECRET_KEY,
    "SCORING_PREVIOUS_SECRET_KEYS": SECRET_KEY[::-1],
    "SCORING_ADMIN_PASSWORD": "hunter2hunter2",
    "SCORING_SENTRY_DSN": "https://hunter2hunter2@sentry.example/1",
    "SCORING_DATABASE_POOLER_URL": "postgresql://scoring:hunter2@pooler:6432/scoring",
    "SCORING_TLS_KEY_PASSWORD": "hunter2hunter2",
    "SCORING_TOKEN": "hunter2hunter2",
}


@pytest.fixture
def good(tmp_path: Path) -> dict[str, str]:
    return {"SCORING_MODEL_DIR": str(tmp_path)}


def faults(environment: dict[str, str], *required: str) -> list[str]:
    with pytest.raises(InvalidSettings) as refused:
        read_settings(environment, required=required)
    assert "hunter2" not in str(refused.value)
    return refused.value.faults


def test_every_secret_setting_can_come_from_a_file() -> None:
    assert {setting.variable for setting in SETTINGS if setting.holds_secret} == set(VALUES)


@pytest.mark.parametrize("variable", VALUES)
def test_the_content_of_the_file_is_the_value(good: dict[str, str], tmp_path: Path, variable: str) -> None:
    (tmp_path / "secret").write_text(f"{VALUES[variable]}\n")
    database = {"SCORING_DATABASE_URL": VALUES["SCORING_DATABASE_URL"]} if "POOLER" in variable else {}
    settings = read_settings({**good, **database, f"{variable}_FILE": str(tmp_path / "secret")})
    assert getattr(settings, variable.removeprefix("SCORING_").lower()) in (VALUES[variable], (VALUES[variable],))


@pytest.mark.parametrize("variable", VALUES)
def test_a_variable_and_its_file_together_are_rejected(
    good: dict[str, str], tmp_path: Path, variable: str
) -> None:
    (tmp_path / "secret").write_text(VALUES[variable])
    (fault,) = faults({**good, variable: VALUES[variable], f"{variable}_FILE": str(tmp_path / "secret")})
    assert fault == f"{variable}: {variable}_FILE is set too; set only one of the two"


def test_errors_of_settings_files_name_the_file(good: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "empty").write_text(" \n")
    (tmp_path / "binary").write_bytes(b"\xff\xfe")
    (tmp_path / "short").write_text("hunter2")
    named = faults(
        {
            **good,
            "SCORING_DATABASE_URL_FILE": str(tmp_path / "missing"),
            "SCORING_REDIS_URL_FILE": str(tmp_path),
            "SCORING_SECRET_KEY_FILE": str(tmp_path / "empty"),
            "SCORING_ADMIN_PASSWORD_FILE": str(tmp_path / "short"),
            "SCORING_SENTRY_DSN_FILE": str(tmp_path / "binary"),
        },
        "database_url",
    )
    assert sorted(named) == [
        "SCORING_ADMIN_PASSWORD: must have at least 12 characters",
        f"SCORING_DATABASE_URL: the file {tmp_path / 'missing'} cannot be read: No such file or directory",
        f"SCORING_REDIS_URL: the file {tmp_path} cannot be read: Is a directory",
        f"SCORING_SECRET_KEY: the file {tmp_path / 'empty'} is empty",
        f"SCORING_SENTRY_DSN: the file {tmp_path / 'binary'} is not UTF-8 text",
    ]


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads every file")
def test_an_unreadable_file_is_reported(good: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("hunter2" * 8)
    (tmp_path / "secret").chmod(0)
    (fault,) = faults({**good, "SCORING_SECRET_KEY_FILE": str(tmp_path / "secret")})
    assert fault.endswith("cannot be read: Permission denied")


def test_an_empty_file_variable_counts_as_not_set(good: dict[str, str]) -> None:
    settings = read_settings({**good, "SCORING_SECRET_KEY": SECRET_KEY, "SCORING_SECRET_KEY_FILE": ""})
    assert settings.secret_key == SECRET_KEY


def test_other_settings_are_not_read_from_files(good: dict[str, str], tmp_path: Path) -> None:
    (fault,) = faults({**good, "SCORING_API_PORT_FILE": str(tmp_path)})
    assert fault.startswith("SCORING_API_PORT_FILE: unknown setting")
