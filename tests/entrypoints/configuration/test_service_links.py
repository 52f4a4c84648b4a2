"""Variables that Kubernetes adds for Services are not settings; misspelled settings still are faults."""

from pathlib import Path

import pytest

from entrypoints.configuration.settings import InvalidSettings, read_settings


def links_of(service: str, *ports: tuple[str, int, str]) -> dict[str, str]:
    """What Kubernetes adds for a Service, as `makeLinkVariables` of the kubelet does."""
    prefix = service.upper().replace("-", "_")
    variables = {f"{prefix}_SERVICE_HOST": "10.43.7.21", f"{prefix}_SERVICE_PORT": str(ports[0][1])}
    variables[f"{prefix}_PORT"] = f"{ports[0][2]}://10.43.7.21:{ports[0][1]}"
    for name, port, protocol in ports:
        variables[f"{prefix}_SERVICE_PORT_{name.upper().replace('-', '_')}"] = str(port)
        link = f"{prefix}_PORT_{port}_{protocol.upper()}"
        parts = {"": f"{protocol}://10.43.7.21:{port}", "_PROTO": protocol, "_PORT": str(port)}
        variables |= {link + suffix: value for suffix, value in {**parts, "_ADDR": "10.43.7.21"}.items()}
    return variables


@pytest.mark.parametrize(
    "service", ["scoring", "scoring-api", "scoring-ui", "scoring-api-metrics", "scoring-data", "scoring-redis"]
)
@pytest.mark.parametrize("protocol", ["tcp", "udp", "sctp"])
def test_variables_of_a_service_do_not_prevent_the_start(tmp_path: Path, service: str, protocol: str) -> None:
    links = links_of(service, ("web-api", 8000, protocol), ("metrics", 9000, "tcp"))
    settings = read_settings({"SCORING_MODEL_DIR": str(tmp_path), **links})
    assert (settings.api_port, settings.ui_port, settings.host) == (8000, 8501, "127.0.0.1")


def test_a_port_of_the_pod_takes_precedence_over_the_services(tmp_path: Path) -> None:
    environment = {**links_of("scoring-api", ("http", 80, "tcp")), "SCORING_API_PORT": "8200"}
    assert read_settings({"SCORING_MODEL_DIR": str(tmp_path), **environment}).api_port == 8200


@pytest.mark.parametrize(
    ("variable", "value", "hint"),
    [
        ("SCORING_API_PROT", "8000", "did you mean SCORING_API_PORT?"),
        ("SCORING_UIPORT", "tcp://10.43.7.21:8501", "did you mean SCORING_UI_PORT?"),
        ("SCORING_HOSTS", "localhost", "did you mean SCORING_HOST?"),
        ("SCORING_PORTS", "8000", "unknown setting"),
        ("SCORING_PORT", "8000", "SCORING_PORT: unknown setting"),
        ("SCORING_API_PORT", "http", "must be a whole number"),
    ],
)
def test_a_misspelled_setting_remains_a_fault(tmp_path: Path, variable: str, value: str, hint: str) -> None:
    with pytest.raises(InvalidSettings) as rejected:
        read_settings({"SCORING_MODEL_DIR": str(tmp_path), variable: value})
    assert [variable in fault and hint in fault for fault in rejected.value.faults] == [True]
