"""The shipped alert rules: valid, tested in time, and explained in the runbook."""

import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from entrypoints.configuration.setting_readers import PROJECT

RULES = PROJECT / "deploy" / "prometheus" / "rules"
RULE_FILES = sorted(RULES.glob("*.yml"))
UNIT_TESTS = sorted((RULES / "tests").glob("*.yml"))
PROMTOOL = shutil.which("promtool", path="/usr/bin:/usr/local/bin")
needs_promtool = pytest.mark.skipif(
    PROMTOOL is None, reason="promtool is not installed: install the package prometheus"
)
ALERTS: list[dict[str, Any]] = [
    rule
    for file in RULE_FILES
    for group in yaml.safe_load(file.read_text())["groups"]
    for rule in group["rules"]
    if "alert" in rule
]
NAMES = [alert["alert"] for alert in ALERTS]


def promtool(*arguments: str) -> str:
    done = subprocess.run([PROMTOOL or "", *arguments], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@needs_promtool
def test_the_rules_are_valid() -> None:
    assert promtool("check", "rules", *map(str, RULE_FILES)).count("SUCCESS") == len(RULE_FILES) > 1


@needs_promtool
@pytest.mark.parametrize("file", UNIT_TESTS, ids=lambda file: file.name)
def test_alerts_fire_in_time_and_resolve(file: Path) -> None:
    assert "SUCCESS" in promtool("test", "rules", str(file))


def test_every_alert_is_tested_to_be_silent_then_to_fire_then_to_resolve() -> None:
    histories: dict[str, str] = {}
    for file in UNIT_TESTS:
        for test in yaml.safe_load(file.read_text())["tests"]:
            for check in test["promql_expr_test"]:
                if found := re.search(r'alertname="(\w+)",alertstate="firing"', check["expr"]):
                    name = found[1]
                    histories[name] = histories.get(name, "") + ("F" if check["exp_samples"] else "-")
    untested = [name for name in NAMES if not re.search("-F+-", histories.get(name, ""))]
    assert untested == ["Watchdog"]  # it always fires
    assert histories["Watchdog"] == "FF"


def test_every_alert_says_how_urgent_it_is_and_what_it_means() -> None:
    assert len(set(NAMES)) == len(NAMES)
    for alert in ALERTS:
        assert alert["labels"]["severity"] in ({"none"} if alert["alert"] == "Watchdog" else {"page", "ticket"})
        assert set(alert["annotations"]) == {"summary", "description", "runbook_url"}, alert["alert"]


@pytest.mark.parametrize("alert", ALERTS, ids=NAMES)
def test_every_alert_has_a_section_of_the_runbook(alert: dict[str, Any]) -> None:
    page, _, anchor = alert["annotations"]["runbook_url"].partition("#")
    assert anchor == alert["alert"].lower()
    text = (PROJECT / page).read_text()
    section = re.search(rf"^### {alert['alert']}$(.*?)(?=^##|\Z)", text, re.MULTILINE | re.DOTALL)
    assert section, f"{page} has no section {alert['alert']}"
    for part in ("**Meaning.**", "**Users notice.**", "**First look.**", "**Action.**"):
        assert part in section[1], f"{alert['alert']} does not say: {part}"


def test_the_runbook_has_no_section_for_an_alert_that_does_not_exist() -> None:
    sections = re.findall(r"^### (\w+)$", (PROJECT / "docs" / "runbook.md").read_text(), re.MULTILINE)
    assert sorted(sections) == sorted(NAMES)
