"""Settings: read from the environment, with every fault reported together."""

import json
import os
from dataclasses import fields
from pathlib import Path

import pytest

from domain.products.personal_loan import PERSONAL_LOAN
from entrypoints.configuration.reference import PAGE, configuration_page
from entrypoints.configuration.setting_readers import PROJECT
from entrypoints.configuration.settings import SETTINGS, InvalidSettings, Settings, deprecations, read_settings


@pytest.fixture
def good(tmp_path: Path) -> dict[str, str]:
    return {"SCORING_MODEL_DIR": str(tmp_path)}


def test_an_empty_environment_is_a_valid_configuration(good: dict[str, str]) -> None:
    settings = read_settings(good)
    assert (settings.api_port, settings.ui_port, settings.host) == (8000, 8501, "127.0.0.1")
    assert settings.database_url is None
    assert settings.data_dir == PROJECT / "data"


def test_all_faults_are_reported_together(tmp_path: Path) -> None:
    environment = {
        "SCORING_API_PORT": "http",
        "SCORING_UI_PORT": "70000",
        "SCORING_DATABASE_URL": "mysql://somewhere",
        "SCORING_MODEL_DIR": str(tmp_path / "missing"),
        "SCORING_ADMIN_PASSWORD": "short",
        "SCORING_REDIS_ULR": "redis://x",
        "SCORING_LOG_FORMAT": "xml",
    }
    with pytest.raises(InvalidSettings) as rejected:
        read_settings(environment, required=("redis_url",))
    text = str(rejected.value)
    for variable in environment:
        assert variable in text
    assert "did you mean SCORING_REDIS_URL?" in text
    assert "SCORING_REDIS_URL is missing" in text
    assert len(rejected.value.faults) == len(environment) + 1


@pytest.mark.parametrize("secret", ["hunter2", "k" * 31])
def test_a_rejected_secret_is_not_repeated(good: dict[str, str], secret: str) -> None:
    with pytest.raises(InvalidSettings) as rejected:
        read_settings({**good, "SCORING_ADMIN_PASSWORD": "hunter2", "SCORING_SECRET_KEY": secret})
    assert secret not in str(rejected.value)


def test_the_two_ports_must_differ(good: dict[str, str]) -> None:
    with pytest.raises(InvalidSettings, match="must differ"):
        read_settings({**good, "SCORING_API_PORT": "9000", "SCORING_UI_PORT": "9000"})


@pytest.mark.parametrize(
    ("given", "read"), [("", ""), ("/", ""), ("/scoring", "/scoring"), ("/a-1/b_2/", "/a-1/b_2")]
)
def test_a_root_path_has_no_slash_at_the_end(good: dict[str, str], given: str, read: str) -> None:
    assert read_settings({**good, "SCORING_ROOT_PATH": given}).root_path == read


@pytest.mark.parametrize(
    "given", ["scoring", "//scoring", "/a b", "/a/../b", "/api", "/decisions/x", "/é", "/a?b"]
)
def test_a_root_path_that_would_be_ambiguous_is_refused(good: dict[str, str], given: str) -> None:
    with pytest.raises(InvalidSettings, match="SCORING_ROOT_PATH: must"):
        read_settings({**good, "SCORING_ROOT_PATH": given})


def test_a_pooler_leads_to_the_same_schema(good: dict[str, str]) -> None:
    database = {"SCORING_DATABASE_URL": "postgresql://db/x?options=-csearch_path%3Dlending"}
    pooler = {"SCORING_DATABASE_POOLER_URL": "postgresql://pgbouncer:6432/x"}
    with pytest.raises(InvalidSettings, match="must have the same search_path"):
        read_settings({**good, **database, **pooler})
    pooler["SCORING_DATABASE_POOLER_URL"] += "?search_path=lending"
    read_settings({**good, **database, **pooler})


def test_a_pooler_needs_the_address_of_its_database(good: dict[str, str]) -> None:
    pooler = {"SCORING_DATABASE_POOLER_URL": "postgresql://api:x@pgbouncer:6432/scoring"}
    with_both = read_settings({**good, **pooler, "SCORING_DATABASE_URL": "postgresql://api:x@postgres/scoring"})
    assert with_both.database_pooler_url == pooler["SCORING_DATABASE_POOLER_URL"]
    without = {name: value for name, value in good.items() if name != "SCORING_DATABASE_URL"}
    with pytest.raises(InvalidSettings, match="set SCORING_DATABASE_URL too"):
        read_settings({**without, **pooler})


def test_the_metrics_ports_of_api_workers_must_differ_from_other_ports(good: dict[str, str]) -> None:
    ports = {"SCORING_API_METRICS_PORT": "9101", "SCORING_UI_METRICS_PORT": "9102"}
    read_settings({**good, **ports})
    with pytest.raises(InvalidSettings, match="must differ"):
        read_settings({**good, **ports, "SCORING_API_WORKERS": "2"})


def test_the_metrics_ports_of_all_api_workers_must_exist(good: dict[str, str]) -> None:
    read_settings({**good, "SCORING_API_METRICS_PORT": "65534", "SCORING_API_WORKERS": "2"})
    with pytest.raises(InvalidSettings, match=r"API_METRICS_PORT and SCORING_API_WORKERS: .* exceed 65535"):
        read_settings({**good, "SCORING_API_METRICS_PORT": "65535", "SCORING_API_WORKERS": "2"})


@pytest.mark.parametrize("port", ["99999", "http"])
@pytest.mark.parametrize("setting", ["SCORING_OTLP_ENDPOINT", "SCORING_REDIS_URL"])
def test_a_url_must_have_a_valid_port(good: dict[str, str], setting: str, port: str) -> None:
    scheme = "redis" if setting == "SCORING_REDIS_URL" else "http"
    read_settings({**good, setting: f"{scheme}://host:65535"})
    with pytest.raises(InvalidSettings, match=f"{setting}: the port of the URL must be"):
        read_settings({**good, setting: f"{scheme}://host:{port}"})


@pytest.mark.parametrize("setting", ["SCORING_DATA_DIR", "SCORING_ENVIRONMENT", "SCORING_SECRET_KEY"])
def test_a_value_that_is_not_utf_8_is_rejected(good: dict[str, str], setting: str) -> None:
    text = os.fsdecode(b"K\xf6ln-Rx4vTq9LmZ2kWb7NcY5hGd8JfP3sAe6U")
    with pytest.raises(InvalidSettings, match=f"^{setting}: is not UTF-8 text$"):
        read_settings({**good, setting: text})
    read_settings({**good, "SCORING_ENVIRONMENT": "Köln 🏦"})


def test_the_data_folder_cannot_be_a_file(good: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(InvalidSettings, match="is not a folder"):
        read_settings({**good, "SCORING_DATA_DIR": str(tmp_path / "file")})


def test_the_product_is_read_from_its_file(good: dict[str, str]) -> None:
    assert read_settings(good).product is PERSONAL_LOAN
    assert (
        read_settings({**good, "SCORING_PRODUCT": "examples/auto_loan/product.json"}).product.name == "auto_loan"
    )


def test_every_fault_of_a_product_definition_is_reported(good: dict[str, str], tmp_path: Path) -> None:
    file = tmp_path / "product.json"
    content = json.loads((PROJECT / "examples" / "auto_loan" / "product.json").read_text())
    content["measures"][0]["formula"] = "incme"
    content["levers"][0]["field"] = "nothing"
    file.write_text(json.dumps(content))
    with pytest.raises(InvalidSettings) as refused:
        read_settings({**good, "SCORING_PRODUCT": str(file)})
    (fault,) = refused.value.faults
    assert fault.startswith(f"SCORING_PRODUCT: the file {file} is not a valid product definition: ")
    assert "measure monthly income: 'incme' uses incme" in fault
    assert "lever nothing: no field has this name" in fault


def test_the_configuration_page_is_up_to_date() -> None:
    assert PAGE.read_text() == configuration_page(), "run python -m entrypoints.configuration.reference"


def test_every_setting_has_its_field() -> None:
    assert sorted(setting.name for setting in SETTINGS) == sorted(field.name for field in fields(Settings))


def test_a_former_name_is_accepted_with_a_warning(good: dict[str, str]) -> None:
    former = {**good, "SCORING_NOTICE_SECONDS": "3"}
    assert read_settings(former).drain_seconds == 3
    (warning,) = deprecations(former)
    assert "SCORING_NOTICE_SECONDS is deprecated" in warning
    assert "use SCORING_DRAIN_SECONDS" in warning
    assert not deprecations({**good, "SCORING_DRAIN_SECONDS": "3"})


def test_a_wrong_value_is_reported_under_the_former_name_that_was_set(good: dict[str, str]) -> None:
    with pytest.raises(InvalidSettings) as rejected:
        read_settings({**good, "SCORING_TOKEN_MINUTES": "abc"})
    (fault,) = rejected.value.faults
    assert fault.startswith("SCORING_TOKEN_MINUTES (now SCORING_ACCESS_TOKEN_MINUTES): must be a whole number")


def test_a_setting_cannot_be_given_under_both_names(good: dict[str, str]) -> None:
    with pytest.raises(InvalidSettings, match=r"^SCORING_DRAIN_SECONDS: SCORING_NOTICE_SECONDS is set too"):
        read_settings({**good, "SCORING_DRAIN_SECONDS": "3", "SCORING_NOTICE_SECONDS": "3"})


@pytest.mark.parametrize("given", ["-0.1", "1.1", "nan", "ten percent"])
def test_a_sample_rate_outside_0_to_1_is_rejected(good: dict[str, str], given: str) -> None:
    with pytest.raises(InvalidSettings, match="SCORING_TRACE_SAMPLE_RATE: must be a number from 0 to 1"):
        read_settings({**good, "SCORING_TRACE_SAMPLE_RATE": given})
