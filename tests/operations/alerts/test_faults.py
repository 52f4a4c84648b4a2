"""A running service with a real Prometheus and Alertmanager: faults fire their alerts, which then resolve.

scripts/drill causes every alert; here are those that take seconds. Durations are scaled: see scaled_rules.py.
"""

import re
from collections.abc import Iterator

import pytest

from entrypoints.configuration.setting_readers import PROJECT
from harness.alertmanager import ALERTMANAGER
from harness.monitored_service import missing_packages
from harness.polling import eventually
from operations.alerts import fault_drill
from operations.alerts.drill_setup import Setup, drill_setup, under_load
from operations.alerts.faults import cause_together
from operations.alerts.scaled_rules import scaled_duration, scaled_expression

MISSING = [*missing_packages(), *([] if ALERTMANAGER else ["prometheus-alertmanager"])]
pytestmark = [
    pytest.mark.timeout(400),
    pytest.mark.skipif(bool(MISSING), reason=f"install the packages {', '.join(MISSING)}"),
]
RUNBOOK = (PROJECT / "docs" / "runbook.md").read_text()
AT_ONCE = (
    fault_drill.CACHE,
    fault_drill.LOGINS,
    fault_drill.CERTIFICATE,
    fault_drill.ALTERED,
    fault_drill.PARTITIONS,
    fault_drill.WORKER,
    fault_drill.WEB,
)


@pytest.fixture(scope="module")
def setup(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Setup]:
    with drill_setup(tmp_path_factory.mktemp("drill")) as running, under_load(running):
        yield running


def blocks(language: str) -> list[str]:
    """The code blocks of the runbook in this language."""
    return re.findall(rf"^ *```{language}\n(.*?)^ *```$", RUNBOOK, re.MULTILINE | re.DOTALL)


def test_every_query_of_the_runbook_runs(setup: Setup) -> None:
    assert len(blocks("promql")) > 30
    for query in blocks("promql"):
        setup.alerts.prometheus.query(query)  # raises QueryFailed
    assert len(blocks("sql")) > 5
    for statement in blocks("sql"):
        setup.execute(statement)


def test_faults_fire_their_alerts_which_then_resolve(setup: Setup) -> None:
    faults = (*AT_ONCE, fault_drill.DISK) if setup.disk else AT_ONCE
    incomplete = [fault_drill.line(each) for each in cause_together(setup, faults) if not each.complete]
    assert incomplete == []


def test_a_killed_database_fires_alerts_that_reach_their_receiver(setup: Setup) -> None:
    incomplete = [
        fault_drill.line(each) for each in cause_together(setup, [fault_drill.DATABASE]) if not each.complete
    ]
    assert incomplete == []
    eventually(lambda: "DatabaseDown" in setup.notifications.alerts("page", "resolved"), within=60)
    assert "DatabaseDown" in setup.notifications.alerts("page", "firing")


def test_texts_of_alerts_are_complete(setup: Setup) -> None:
    texts = [
        text
        for _, body in setup.notifications.received
        for alert in body["alerts"]
        for text in alert["annotations"].values()
    ]
    assert texts
    assert [text for text in texts if "<" in text or "{{" in text or "%!" in text] == []


def test_scaling_changes_durations_and_ages_only() -> None:
    expression = "a > 15 * 60 and rate(b[1h30m] offset 1d) > 14.4 * 0.001 and c > 36 * 3600"
    assert scaled_expression(expression, 60) == (
        "a > (15 * 60 / 60) and rate(b[90000ms] offset 1440000ms) > 14.4 * 0.001 and c > (36 * 3600 / 60)"
    )
    assert scaled_duration("30s", 60) == "1000ms"
