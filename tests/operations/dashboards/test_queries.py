"""Every query of the dashboards on a real Prometheus that scrapes a service with traffic of every kind."""

import math
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import yaml

from domain.access.user import Role
from harness.browser import CHROMIUM, NO_CHROMIUM, chromium, decide_in_browser
from harness.dashboard_charts import TimeRange, pictures
from harness.dashboards import Panel, dashboards, panels_of, replace_variables
from harness.mixed_traffic import MixedTraffic, webhook_receiver
from harness.monitored_service import MonitoredService, missing_packages
from harness.polling import eventually
from harness.prometheus import SHIPPED_CONFIGURATION, Prometheus, QueryFailed

pytestmark = pytest.mark.timeout(300)  # it starts six programs, and waits for scrapes
PANELS = [(dashboard, panel) for dashboard in dashboards() for panel in panels_of(dashboard)]
ANNOTATIONS = [(dashboard, each) for dashboard in dashboards() for each in dashboard["annotations"]["list"]]
RULES = sorted((SHIPPED_CONFIGURATION.parent / "rules").glob("*.yml"))
STATE = "scoring_audit_verification_success and on() scoring_checkpoint_last_timestamp_seconds"


@pytest.fixture(scope="module")
def prometheus(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Prometheus]:
    """Prometheus after the traffic."""
    if missing := missing_packages():
        pytest.skip(f"not installed: install the packages {' '.join(missing)}")
    folder = tmp_path_factory.mktemp("monitored")
    rules = rules_without_intervals(folder)
    with MonitoredService(folder, rules=rules) as monitored, webhook_receiver() as receiver:
        with MixedTraffic(monitored.service, receiver) as traffic:
            traffic.decide()
            assert monitored.service.run("audit", "verify").returncode == 0
            monitored.restart_api()  # which publishes a checkpoint, and reads the state of the record
            if CHROMIUM:  # without it, other channels suffice for every panel
                password = monitored.service.add_user("clara", Role.LOAN_OFFICER)
                decide_in_browser(monitored.service.ui_port, "clara", password)
            drive(traffic)
        eventually(lambda: monitored.prometheus.query(STATE), within=40)
        yield monitored.prometheus


def rules_without_intervals(folder: Path) -> list[Path]:
    """The shipped rules, evaluated at the interval of this Prometheus."""
    files = []
    for shipped in RULES:
        groups = yaml.safe_load(shipped.read_text())["groups"]
        files.append(folder / shipped.name)
        files[-1].write_text(yaml.safe_dump({"groups": [group | {"interval": "1s"} for group in groups]}))
    return files


def drive(traffic: MixedTraffic) -> None:
    """Traffic of every kind, twice, because a rate needs the increase between two scrapes."""
    for _ in range(2):
        with ThreadPoolExecutor() as threads:
            batches = [threads.submit(traffic.submit_batch, 300, webhook=path) for path in ("/", "/failing")]
            traffic.decide(40)
            traffic.mistakes()
            traffic.read()
            traffic.work_case()
            traffic.fail_to_log_in(3)
            traffic.exceed_rate_limit()
            for batch in batches:
                batch.result()
        time.sleep(2.5)  # two scrapes


def values_of(prometheus: Prometheus, query: dict[str, Any], dashboard: dict[str, Any]) -> list[float]:
    """The values that a panel shows for a query over the last minutes."""
    expression = replace_variables(query["expr"], dashboard, seconds=120, interval=60)
    now = time.time()
    if query["instant"]:
        return [sample.value for sample in prometheus.query(expression)]
    series = prometheus.query_range(expression, start=now - 60, end=now, step=5)
    return [value for each in series for _, value in each.points]


@pytest.mark.parametrize(("dashboard", "panel"), PANELS, ids=[panel.name for _, panel in PANELS])
def test_every_query_of_a_panel_returns_values(
    prometheus: Prometheus, dashboard: dict[str, Any], panel: Panel
) -> None:
    for query in panel.queries:
        values = values_of(prometheus, query, dashboard)
        assert any(not math.isnan(value) for value in values), f"no values of {query['expr']}"


@pytest.mark.parametrize(
    ("dashboard", "annotation"),
    ANNOTATIONS,
    ids=[f"{each['title']} / {note['name']}" for each, note in ANNOTATIONS],
)
def test_every_annotation_is_a_valid_query(
    prometheus: Prometheus, dashboard: dict[str, Any], annotation: dict[str, Any]
) -> None:
    try:
        found = prometheus.query(annotation["expr"])
    except QueryFailed as failed:
        pytest.fail(str(failed))
    assert found or annotation["name"] == "Alerts"


def test_the_variables_of_dashboards_have_values(prometheus: Prometheus) -> None:
    labels = {
        label
        for dashboard in dashboards()
        for variable in dashboard["templating"]["list"]
        if variable["type"] == "query"
        for label in [variable["definition"].split(",")[-1].strip(" )")]
    }
    assert labels == {"job", "instance", "channel"}
    for label, metric in (("job", "scoring_build_info"), ("channel", "scoring_decisions_total")):
        assert prometheus.query(f"count by ({label}) ({metric})")


def test_decisions_have_every_outcome_and_channel(prometheus: Prometheus) -> None:
    found = {
        (sample.labels["outcome"], sample.labels["channel"])
        for sample in prometheus.query("count by (outcome, channel) (scoring_decisions_total)")
    }
    assert {outcome for outcome, _ in found} == {"approved", "referred", "declined"}
    assert {channel for _, channel in found} == {"api", "batch"} | ({"web"} if CHROMIUM else set())


def test_every_panel_can_be_drawn(prometheus: Prometheus) -> None:
    if CHROMIUM is None:
        pytest.skip(NO_CHROMIUM)
    shown = TimeRange(time.time() - 60, time.time(), scrape=1)
    with chromium() as browser:
        for dashboard in dashboards():
            for drawn in pictures(browser, prometheus, dashboard, shown):
                assert drawn.startswith(b"\x89PNG")
