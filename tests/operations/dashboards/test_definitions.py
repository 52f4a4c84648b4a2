"""The dashboards' files: generated from their definitions, complete, and without overlaps."""

import itertools
import re
import subprocess
import sys
from typing import Any

import pytest
import yaml

from entrypoints.configuration.setting_readers import PROJECT
from harness.dashboards import FOLDER, Panel, dashboards, panels_of, replace_variables

ALL = list(dashboards())
PANELS = [(dashboard, panel) for dashboard in ALL for panel in panels_of(dashboard)]
by_title = pytest.mark.parametrize("dashboard", ALL, ids=[each["uid"] for each in ALL])
by_panel = pytest.mark.parametrize(("dashboard", "panel"), PANELS, ids=[panel.name for _, panel in PANELS])


def test_files_are_up_to_date_with_their_definitions() -> None:
    done = subprocess.run(
        [sys.executable, PROJECT / "scripts" / "dashboards", "--check"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def test_all_four_dashboards_exist() -> None:
    assert sorted(path.stem for path in FOLDER.glob("*.json")) == [
        "batches-and-webhooks",
        "decisions",
        "model-and-data",
        "service",
    ]
    assert len({dashboard["uid"] for dashboard in ALL}) == len(ALL)


@by_title
def test_panels_do_not_overlap_and_fit_into_the_grid(dashboard: dict[str, Any]) -> None:
    places = [(panel["title"], panel["gridPos"]) for panel in dashboard["panels"]]
    for title, place in places:
        assert place["x"] >= 0, title
        assert place["x"] + place["w"] <= 24, title
    for (one, a), (other, b) in itertools.combinations(places, 2):
        apart = (
            a["x"] + a["w"] <= b["x"]
            or b["x"] + b["w"] <= a["x"]
            or a["y"] + a["h"] <= b["y"]
            or b["y"] + b["h"] <= a["y"]
        )
        assert apart, f"{one} overlaps {other}"


@by_title
def test_identifiers_and_titles_of_panels_are_unique(dashboard: dict[str, Any]) -> None:
    for key in ("id", "title"):
        values = [panel[key] for panel in dashboard["panels"]]
        assert len(set(values)) == len(values), key


@by_title
def test_every_dashboard_links_to_the_others_and_to_the_runbook(dashboard: dict[str, Any]) -> None:
    others, runbook = dashboard["links"]
    assert set(others["tags"]) <= set(dashboard["tags"])
    assert runbook["url"] == "${runbook}"
    assert {each["name"] for each in dashboard["annotations"]["list"]} == {"Alerts", "Versions"}


@by_panel
def test_every_panel_says_what_it_shows_with_unit_and_limits(dashboard: dict[str, Any], panel: Panel) -> None:
    defaults = panel.json["fieldConfig"]["defaults"]
    assert len(panel.json["description"]) > 20
    assert panel.json["description"].endswith(".")
    assert defaults["unit"]
    assert defaults["thresholds"]["steps"][0]["value"] is None
    limits = [step["value"] for step in defaults["thresholds"]["steps"][1:]]
    assert limits == sorted(limits)
    assert panel.queries
    for query in panel.queries:
        replaced = replace_variables(query["expr"], dashboard, seconds=300, interval=60)
        assert "$" not in replaced
        assert query["datasource"] == {"type": "prometheus", "uid": "${datasource}"}


def documented_metrics() -> dict[str, set[str]]:
    """The labels of every series of docs/metrics.md."""
    found: dict[str, set[str]] = {}
    for line in (PROJECT / "docs" / "metrics.md").read_text().splitlines():
        row = re.match(r"\| `(scoring_\w+)` \| (\w+) \| ([^|]*) \|", line)
        if row:
            name, kind, labels = row.groups()
            endings = ("_bucket", "_sum", "_count") if kind == "histogram" else ("",)
            for ending in endings:
                found[name + ending] = {label.strip() for label in labels.split(",") if label.strip()}
    return found


@by_panel
def test_queries_use_documented_metrics_and_their_labels(dashboard: dict[str, Any], panel: Panel) -> None:
    documented = documented_metrics()
    assert "scoring_decisions_total" in documented
    for query in panel.queries:
        for metric, selected in re.findall(r"(?<![:\w])(scoring_\w+)(?:\{([^}]*)\})?", query["expr"]):
            assert metric in documented, f"{metric} is not in docs/metrics.md"
            labels = set(re.findall(r"(\w+)(?:=|!=|=~|!~)\"", selected))
            assert labels <= documented[metric] | {"job", "instance", "le"}, metric


@by_panel
def test_panels_link_to_sections_of_the_runbook_on_existing_alerts(
    dashboard: dict[str, Any], panel: Panel
) -> None:
    sections = re.findall(r"^### (\w+)$", (PROJECT / "docs" / "runbook.md").read_text(), re.MULTILINE)
    anchors = {f"${{runbook}}#{section.lower()}" for section in sections}
    assert {link["url"] for link in panel.json["links"]} <= anchors


def test_every_alert_has_a_panel() -> None:
    alerts, recorded = set(), set()
    for file in (PROJECT / "deploy" / "prometheus" / "rules").glob("*.yml"):
        for group in yaml.safe_load(file.read_text())["groups"]:
            alerts |= {rule["alert"] for rule in group["rules"] if "alert" in rule}
            recorded |= {rule["record"] for rule in group["rules"] if "record" in rule}
    linked = {link["title"].removeprefix("Runbook: ") for _, panel in PANELS for link in panel.json["links"]}
    assert alerts - linked == {"Watchdog"}
    used = {
        name
        for _, panel in PANELS
        for query in panel.queries
        for name in re.findall(r"scoring:[\w:]+", query["expr"])
    }
    assert used
    assert used <= recorded


def test_provisioning_loads_the_folder_of_dashboards() -> None:
    provisioning = FOLDER.parent / "provisioning"
    (provider,) = yaml.safe_load((provisioning / "dashboards" / "scoring.yml").read_text())["providers"]
    (source,) = yaml.safe_load((provisioning / "datasources" / "prometheus.yml").read_text())["datasources"]
    assert provider["options"]["path"] == "/var/lib/grafana/dashboards"
    assert source["type"] == "prometheus"
    prometheus = yaml.safe_load((PROJECT / "deploy" / "prometheus" / "prometheus.yml").read_text())
    assert source["jsonData"]["timeInterval"] == prometheus["global"]["scrape_interval"]


def test_queries_name_only_jobs_of_the_shipped_prometheus() -> None:
    prometheus = yaml.safe_load((PROJECT / "deploy" / "prometheus" / "prometheus.yml").read_text())
    jobs = {job["job_name"] for job in prometheus["scrape_configs"]}
    named = {
        job
        for _, panel in PANELS
        for query in panel.queries
        for job in re.findall(r'job="([^"]+)"', query["expr"])
    }
    assert named <= jobs
