"""Dashboards: rows of panels in the grid, variables, links and annotations, and their JSON."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from deploy.grafana.definitions.panels import DATASOURCE, Panel

TAG = "credit-scoring"
_COLUMNS = 24
_RUNBOOK = "docs/runbook.md"
"""Relative to this repository, like `runbook_url` of alerts: docs/monitoring.md says how to set its address."""


@dataclass(frozen=True)
class Row:
    """A titled row of panels, which wrap at 24 columns."""

    title: str
    panels: Sequence[Panel]


@dataclass(frozen=True)
class Variable:
    """A choice of label values at the top of the dashboard, all by default."""

    name: str
    query: str

    def to_json(self) -> dict[str, Any]:
        """The variable."""
        return {
            "type": "query",
            "name": self.name,
            "label": self.name.capitalize(),
            "datasource": DATASOURCE,
            "definition": self.query,
            "query": {"qryType": 1, "query": self.query, "refId": f"variable-{self.name}"},  # values of a label
            "refresh": 2,  # when the time range changes
            "sort": 1,
            "multi": True,
            "includeAll": True,
            "allValue": ".*",
            "current": {"text": ["All"], "value": ["$__all"]},
        }


JOB = Variable("job", "label_values(scoring_build_info, job)")
INSTANCE = Variable("instance", 'label_values(scoring_build_info{job=~"$job"}, instance)')
CHANNEL = Variable("channel", "label_values(scoring_decisions_total, channel)")


@dataclass(frozen=True)
class Dashboard:
    """A dashboard; its identifier is also the name of its file."""

    identifier: str
    title: str
    description: str
    variables: Sequence[Variable]
    rows: Sequence[Row]

    def to_json(self) -> dict[str, Any]:
        """The dashboard as Grafana provisions it."""
        return {
            "uid": f"scoring-{self.identifier}",
            "title": f"Credit scoring: {self.title}",
            "description": self.description,
            "tags": [TAG],
            "schemaVersion": 41,
            "version": 1,
            "editable": False,
            "graphTooltip": 1,
            "timezone": "",
            "refresh": "30s",
            "time": {"from": "now-1h", "to": "now"},
            "annotations": {"list": [*_annotations()]},
            "links": [*_links()],
            "templating": {"list": [*_sources(), *(each.to_json() for each in self.variables)]},
            "panels": [*self._panels()],
        }

    def _panels(self) -> Iterator[dict[str, Any]]:
        number, y = 1, 0
        for row in self.rows:
            yield {
                "id": number,
                "type": "row",
                "title": row.title,
                "collapsed": False,
                "gridPos": {"x": 0, "y": y, "w": _COLUMNS, "h": 1},
                "panels": [],
            }
            number, x, y, height = number + 1, 0, y + 1, 0
            for panel in row.panels:
                if x + panel.width > _COLUMNS:
                    x, y, height = 0, y + height, 0
                yield panel.to_json(number, x, y)
                number, x, height = number + 1, x + panel.width, max(height, panel.height)
            y += height


def _sources() -> Iterator[dict[str, Any]]:
    yield {
        "type": "datasource",
        "name": "datasource",
        "label": "Data source",
        "query": "prometheus",
        "refresh": 1,
        "current": {"text": "default", "value": "default"},
    }
    yield {
        "type": "constant",
        "name": "runbook",
        "label": "Address of the runbook",
        "query": _RUNBOOK,
        "hide": 2,
        "current": {"text": _RUNBOOK, "value": _RUNBOOK},
    }


def _links() -> Iterator[dict[str, Any]]:
    yield {
        "type": "dashboards",
        "title": "Dashboards",
        "tags": [TAG],
        "asDropdown": False,
        "includeVars": True,
        "keepTime": True,
        "targetBlank": False,
    }
    yield {
        "type": "link",
        "title": "Runbook",
        "icon": "doc",
        "url": "${runbook}",
        "tooltip": "What each alert means, and what to do",
        "targetBlank": True,
    }


def _annotations() -> Iterator[dict[str, Any]]:
    yield _annotation(
        "Alerts", "red", 'ALERTS{alertstate="firing",alertname!="Watchdog"}', "{{alertname}}", "{{severity}}"
    )
    versions = "count by (version, model_version, policy_version) (scoring_build_info)"
    yield _annotation(
        "Versions",
        "blue",
        f"{versions} unless {versions.replace('scoring_build_info', 'scoring_build_info offset 5m')}",
        "Release {{version}}",
        "model {{model_version}}, policy {{policy_version}}",
    )


def _annotation(name: str, color: str, expression: str, title: str, text: str) -> dict[str, Any]:
    return {
        "name": name,
        "datasource": DATASOURCE,
        "enable": True,
        "hide": False,
        "iconColor": color,
        "expr": expression,
        "step": "60s",
        "titleFormat": title,
        "textFormat": text,
    }
