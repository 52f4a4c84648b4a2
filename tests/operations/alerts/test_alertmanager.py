"""Alertmanager's shipped configuration: valid, routes by severity, holds back consequences, and notifies."""

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import yaml

from harness.alertmanager import ALERTMANAGER, NO_ALERTMANAGER, SHIPPED_ROUTING, Alertmanager, Notifications
from harness.polling import eventually
from harness.prometheus import NO_PROMETHEUS, PROMETHEUS, Prometheus
from operations.alerts.test_rules import ALERTS

AMTOOL = shutil.which("amtool", path="/usr/bin:/usr/local/bin")
needs_amtool = pytest.mark.skipif(AMTOOL is None, reason=NO_ALERTMANAGER)


def amtool(*arguments: str) -> str:
    done = subprocess.run([AMTOOL or "", *arguments], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@needs_amtool
def test_the_configuration_is_valid() -> None:
    assert "SUCCESS" in amtool("check-config", str(SHIPPED_ROUTING))


@needs_amtool
@pytest.mark.parametrize("alert", ALERTS, ids=lambda alert: alert["alert"])
def test_alerts_are_routed_by_severity(alert: dict[str, Any]) -> None:
    labels = [f"{name}={value}" for name, value in {"alertname": alert["alert"], **alert["labels"]}.items()]
    found = amtool("config", "routes", "test", f"--config.file={SHIPPED_ROUTING}", *labels)
    assert found.strip() == {"none": "watchdog"}.get(alert["labels"]["severity"], alert["labels"]["severity"])


def test_secrets_are_read_from_files() -> None:
    configuration = yaml.safe_load(SHIPPED_ROUTING.read_text())
    for receiver in configuration["receivers"]:
        for webhook in receiver["webhook_configs"]:
            assert list(webhook["http_config"]["authorization"]) == ["credentials_file"]


def alerting_rules(folder: Path, *names: str) -> list[str]:
    """A rule file in which these alerts, with their shipped labels, always fire."""
    shipped = {alert["alert"]: alert for alert in ALERTS}
    rules = [{**shipped[name], "expr": "vector(1)", "for": "0s"} for name in names]
    path = folder / "rules.yml"
    path.write_text(yaml.safe_dump({"groups": [{"name": "test", "interval": "1s", "rules": rules}]}))
    return [str(path)]


@contextmanager
def prometheus(folder: Path, manager: Alertmanager, *names: str) -> Iterator[Prometheus]:
    configuration = {
        "global": {"scrape_interval": "1s", "evaluation_interval": "1s"},
        "rule_files": alerting_rules(folder, *names),
        "alerting": {"alertmanagers": [{"static_configs": [{"targets": [manager.address]}]}]},
        "scrape_configs": [],
    }
    with Prometheus(configuration, flags=["--rules.alert.resend-delay=2s"]) as running:
        yield running


@pytest.mark.skipif(PROMETHEUS is None, reason=NO_PROMETHEUS)
@pytest.mark.skipif(ALERTMANAGER is None, reason=NO_ALERTMANAGER)
def test_alerts_reach_their_receivers_and_consequences_are_held_back(tmp_path: Path) -> None:
    causes = ("DatabaseDown", "CacheDown", "CertificateExpiryImminent")
    consequences = ("ReplicaNotReady", "LedgerSlow", "CacheBreakerOpen", "CertificateExpirySoon")
    with Notifications() as receiver, Alertmanager(receiver, wait="8s") as manager:
        with prometheus(tmp_path, manager, *causes, *consequences, "WebhooksGivenUp", "Watchdog") as running:
            eventually(lambda: receiver.alerts("watchdog", "firing") == {"Watchdog"})
            pages, tickets = {"DatabaseDown", "CertificateExpiryImminent"}, {"CacheDown", "WebhooksGivenUp"}
            eventually(lambda: receiver.alerts("page", "firing") == pages, within=40)
            eventually(lambda: receiver.alerts("ticket", "firing") == tickets, within=40)
            assert {alert["labels"]["alertname"] for alert in running.alerts()} >= {*causes, *consequences}
            held_back = amtool(
                "alert", "query", f"--alertmanager.url=http://{manager.address}", "--inhibited", "--output=json"
            )
            assert all(name in held_back for name in consequences)
        assert receiver.unauthorized == 0
