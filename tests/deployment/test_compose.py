"""The compose file and what it mounts fit together; there is no container engine here to run it."""

import json
import os
import shutil
import subprocess
import threading
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
import yaml

from entrypoints.configuration.setting_readers import PROJECT
from entrypoints.configuration.settings import read_settings
from harness.polling import eventually
from harness.running_service import clean_environment, free_ports
from replicas.behind_haproxy import HAPROXY, NO_HAPROXY
from support.certificates import Authority

SECRETS = "/run/secrets/"
PODMAN_COMPOSE = PROJECT / ".venv" / "bin" / "podman-compose"
BLACKBOX = shutil.which("prometheus-blackbox-exporter", path="/usr/bin:/usr/local/bin")
WITHOUT_SHELL = {"collector", "jaeger"}
"""Their images hold nothing that could check them."""


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    """The file as it is resolved without any variable, by the program that CI validates it with."""
    environment = clean_environment()
    command = [PODMAN_COMPOSE, "--dry-run", "config"]
    resolved = subprocess.run(command, cwd=PROJECT, env=environment, capture_output=True, text=True, check=True)
    content: dict[str, Any] = yaml.safe_load(resolved.stdout)
    return content


@pytest.fixture(scope="module")
def services(compose: dict[str, Any]) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = compose["services"]
    return found


@pytest.fixture(scope="module")
def secrets(tmp_path_factory: pytest.TempPathFactory) -> Path:
    if shutil.which("openssl") is None:
        pytest.skip("openssl is not installed: install the package openssl")
    folder = tmp_path_factory.mktemp("secrets")
    subprocess.run(
        [PROJECT / "deploy" / "make-secrets", folder, "bank.example"], check=True, capture_output=True, timeout=30
    )
    return folder


def environment_of(service: dict[str, Any], secrets: Path) -> dict[str, str]:
    """The environment of a container, with its secrets in a folder of this machine."""
    return {
        name: str(value).replace(SECRETS, f"{secrets}/") for name, value in service.get("environment", {}).items()
    }


def load(path: str) -> Any:
    return yaml.safe_load((PROJECT / path).read_text())


def test_every_mounted_file_exists(services: dict[str, dict[str, Any]]) -> None:
    sources = [str(volume).split(":")[0] for each in services.values() for volume in each.get("volumes", [])]
    mounted = [source for source in sources if source.startswith("./")]
    assert {"./deploy/haproxy.cfg", "./deploy/prometheus", "./deploy/otel"} <= set(mounted)
    for source in mounted:
        assert (PROJECT / source).exists(), source


def test_every_container_that_can_be_checked_is(services: dict[str, dict[str, Any]]) -> None:
    unchecked = {name for name, each in services.items() if "test" not in each.get("healthcheck", {})}
    assert unchecked == {"migrate", *WITHOUT_SHELL}


def test_containers_wait_for_healthy_ones_only_where_health_is_checked(
    services: dict[str, dict[str, Any]],
) -> None:
    for service in services.values():
        for needed, how in service.get("depends_on", {}).items():
            if how["condition"] == "service_healthy":
                assert "test" in services[needed]["healthcheck"]


def test_the_settings_of_every_process_are_valid(services: dict[str, dict[str, Any]], secrets: Path) -> None:
    own = {name: each for name, each in services.items() if each["image"] == "credit-scoring:latest"}
    assert set(own) == {"migrate", "api-1", "api-2", "web-1", "web-2", "worker"}
    for name, service in own.items():
        needed = ("database_url", "redis_url") if "serve" in service["command"] else ("database_url",)
        settings = read_settings(environment_of(service, secrets), required=needed)
        if name != "migrate":
            assert settings.otlp_endpoint == "http://collector:4318"
        if "serve" in service["command"]:
            assert settings.secure_cookies


def test_only_the_proxy_is_believed_about_addresses_of_clients(compose: dict[str, Any]) -> None:
    subnet = compose["networks"]["servers"]["ipam"]["config"][0]["subnet"]
    for name in ("api-1", "web-1"):
        assert compose["services"][name]["environment"]["SCORING_TRUSTED_PROXIES"] == subnet


def test_every_target_of_prometheus_is_a_container_in_its_network(services: dict[str, dict[str, Any]]) -> None:
    names: dict[str, list[str]] = {}
    for name, service in services.items():
        networks = service["networks"]
        if "monitoring" in networks:
            options = networks["monitoring"] if isinstance(networks, dict) else None
            for alias in (name, *(options or {}).get("aliases", [])):
                names.setdefault(alias, []).append(name)
    configuration = load("deploy/prometheus/prometheus.yml")
    jobs = {job["job_name"]: job for job in configuration["scrape_configs"]}
    ports = {
        "scoring-api": "SCORING_API_METRICS_PORT",
        "scoring-ui": "SCORING_UI_METRICS_PORT",
        "scoring-worker": "SCORING_WORKER_METRICS_PORT",
    }
    for name, job in jobs.items():
        for target in job.get("dns_sd_configs", []):
            (host,) = target["names"]
            assert host in names, host
            for container in names[host]:
                given = str(services[container]["environment"][ports[name]]).rpartition(":")[2]
                assert given == str(target["port"])
    fixed = {name: job["static_configs"][0]["targets"] for name, job in jobs.items() if "static_configs" in job}
    assert fixed.pop("probe-https") == ["https://proxy/health/ready"]
    (proxy,) = fixed["scoring-proxy"]
    assert proxy == f"proxy{services['proxy']['environment']['STATE']}"
    assert {*jobs} == {*ports, *fixed, "probe-https"}
    assert {target.partition(":")[0] for targets in fixed.values() for target in targets} <= {*names}
    assert {len(names["api"]), len(names["web"])} == {2}
    (alertmanagers,) = configuration["alerting"]["alertmanagers"]
    assert alertmanagers["dns_sd_configs"][0]["names"][0] in names
    assert services["proxy"]["environment"]["LISTEN"] == ":443"
    assert jobs["probe-https"]["relabel_configs"][-1]["replacement"].partition(":")[0] in names


def test_a_certificate_that_is_kept_and_lacks_a_name_is_reported(secrets: Path) -> None:
    command = [PROJECT / "deploy" / "make-secrets", secrets, "bank.example", "other.example"]
    kept = subprocess.run(command, check=True, capture_output=True, text=True, timeout=30).stderr
    assert "is not for other.example" in kept
    assert "bank.example" not in kept


def test_configurations_name_only_secrets_of_their_container(services: dict[str, dict[str, Any]]) -> None:
    files = {"alertmanager": "alertmanager/alertmanager.yml", "blackbox-exporter": "blackbox/blackbox.yml"}
    for name, path in files.items():
        words = (PROJECT / "deploy" / path).read_text().replace("}", " ").split()
        named = {word.removeprefix(SECRETS) for word in words if word.startswith(SECRETS)}
        assert named
        assert named == set(services[name]["secrets"])


def test_grafana_finds_its_dashboards_and_its_data_source(services: dict[str, dict[str, Any]]) -> None:
    grafana = services["grafana"]
    targets = [volume.split(":")[1] for volume in grafana["volumes"]]
    (provider,) = load("deploy/grafana/provisioning/dashboards/scoring.yml")["providers"]
    assert provider["options"]["path"] in targets
    assert "/etc/grafana/provisioning" in targets
    (source,) = load("deploy/grafana/provisioning/datasources/prometheus.yml")["datasources"]
    assert source["url"].strip("${}") in grafana["environment"]
    for dashboard in (PROJECT / "deploy/grafana/dashboards").glob("*.json"):
        json.loads(dashboard.read_text())


def test_the_collector_passes_traces_to_jaeger(services: dict[str, dict[str, Any]]) -> None:
    configuration = load("deploy/otel/collector.yml")
    (pipeline,) = configuration["service"]["pipelines"].values()
    for kind in ("receivers", "processors", "exporters"):
        assert set(pipeline[kind]) == set(configuration[kind])
    assert set(configuration["service"]["extensions"]) == set(configuration["extensions"])
    assert configuration["receivers"]["otlp"]["protocols"]["http"]["endpoint"].endswith(":4318")
    (reader,) = configuration["service"]["telemetry"]["metrics"]["readers"]
    jobs = {job["job_name"]: job for job in load("deploy/prometheus/prometheus.yml")["scrape_configs"]}
    port = reader["pull"]["exporter"]["prometheus"]["port"]
    assert jobs["collector"]["static_configs"] == [{"targets": [f"collector:{port}"]}]
    host = configuration["exporters"]["otlp"]["endpoint"].partition(":")[0]
    assert set(services[host]["networks"]) & set(services["collector"]["networks"])


def test_the_proxy_accepts_its_configuration(services: dict[str, dict[str, Any]], secrets: Path) -> None:
    if HAPROXY is None:
        pytest.skip(NO_HAPROXY)
    environment = environment_of(services["proxy"], secrets)
    command = [HAPROXY, "-c", "-f", str(PROJECT / "deploy" / "haproxy.cfg")]
    checked = subprocess.run(command, env=os.environ | environment, capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stderr
    warnings = [line for line in checked.stderr.splitlines() if "[WARNING]" in line]
    assert [line for line in warnings if "could not resolve address" not in line] == []  # no container runs here


class _Ready(BaseHTTPRequestHandler):
    """A replica of the API that is ready."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Print nothing."""


@contextmanager
def running(command: list[str], environment: dict[str, str]) -> Iterator[None]:
    with subprocess.Popen(command, env=clean_environment(**environment), stderr=subprocess.DEVNULL) as process:
        try:
            yield
        finally:
            process.terminate()


def probe(blackbox: int, target: str) -> dict[str, float]:
    """The metrics of one probe."""
    url = f"http://127.0.0.1:{blackbox}/probe?module=http_2xx&target={target}"
    with urllib.request.urlopen(url, timeout=10) as answer:
        lines = answer.read().decode().splitlines()
    return {name: float(value) for name, _, value in (each.rpartition(" ") for each in lines if each[0] != "#")}


def test_the_probe_sees_the_proxy_and_when_its_certificate_expires(
    services: dict[str, dict[str, Any]], secrets: Path, tmp_path: Path
) -> None:
    if HAPROXY is None:
        pytest.skip(NO_HAPROXY)
    if BLACKBOX is None:
        pytest.skip("the blackbox exporter is not installed: install the package prometheus-blackbox-exporter")
    https, http, state, blackbox = free_ports(4)
    replica = ThreadingHTTPServer(("127.0.0.1", 0), _Ready)
    threading.Thread(target=replica.serve_forever, daemon=True).start()
    ports = {"LISTEN": https, "LISTEN_HTTP": http, "STATE": state, "REPLICA_1": replica.server_port}
    addresses = {name: f"127.0.0.1:{port}" for name, port in ports.items()}
    others = dict.fromkeys(("REPLICA_2", "WEB_1", "WEB_2"), addresses["REPLICA_1"])
    modules = tmp_path / "blackbox.yml"
    shipped = (PROJECT / "deploy" / "blackbox" / "blackbox.yml").read_text()
    modules.write_text(shipped.replace(SECRETS, f"{tmp_path}/"))
    (tmp_path / "ca_certificate").write_bytes((secrets / "ca_certificate").read_bytes())
    environment = environment_of(services["proxy"], secrets) | addresses | others
    proxy = [HAPROXY, "-db", "-f", str(PROJECT / "deploy" / "haproxy.cfg")]
    exporter = [BLACKBOX, f"--config.file={modules}", f"--web.listen-address=127.0.0.1:{blackbox}"]
    target = f"https://localhost:{https}/health/ready"
    try:
        with running(proxy, environment), running(exporter, {}):

            def succeeds() -> bool:
                try:
                    return probe(blackbox, target)["probe_success"] == 1
                except OSError:
                    return False

            eventually(succeeds)
            answer = subprocess.run(
                ["openssl", "x509", "-in", secrets / "proxy_certificate", "-noout", "-checkend", "31000000"],
                check=False,
                capture_output=True,
            )
            assert answer.returncode == 0
            assert probe(blackbox, target)["probe_ssl_earliest_cert_expiry"] > 0
            (tmp_path / "ca_certificate").write_bytes(Authority().pem)  # not the one that issued the certificate
            assert probe(blackbox, target)["probe_success"] == 0
    finally:
        replica.shutdown()
        replica.server_close()
