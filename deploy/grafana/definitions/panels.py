"""Panels, and their JSON in the dashboard model of Grafana 12."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

DATASOURCE = {"type": "prometheus", "uid": "${datasource}"}
RUNBOOK = "${runbook}"

Limits = Sequence[tuple[float | None, str]]
"""Colors from a value on, the first from None, the lowest."""
NEUTRAL: Limits = ((None, "blue"),)
UP = {"1": ("up", "green"), "0": ("down", "red")}
YES = {"1": ("verified", "green"), "0": ("integrity errors", "red")}
BREAKER = {"0": ("closed", "green"), "0.5": ("half-open", "yellow"), "1": ("open", "red")}
"""Texts and colors of values."""


def above(warning: float, critical: float) -> Limits:
    """Green, orange from `warning` on, red from `critical` on."""
    return ((None, "green"), (warning, "orange"), (critical, "red"))


def below(warning: float, critical: float) -> Limits:
    """Green, orange below `warning`, red below `critical`."""
    return ((None, "red"), (critical, "orange"), (warning, "green"))


@dataclass(frozen=True)
class Query:
    """A query, and the name of its series; `instant` for its current value only."""

    expression: str
    legend: str = ""
    instant: bool = False
    format: str = "time_series"

    def to_json(self, number: int) -> dict[str, Any]:
        """The target, with the number as its letter."""
        return {
            "refId": chr(ord("A") + number),
            "datasource": DATASOURCE,
            "editorMode": "code",
            "expr": self.expression,
            "legendFormat": self.legend or "__auto",
            "format": self.format,
            "instant": self.instant,
            "range": not self.instant,
        }


@dataclass(frozen=True)
class Panel:
    """One panel: what it shows, what is normal, and its width out of 24 columns."""

    type: str
    title: str
    description: str
    queries: Sequence[Query]
    unit: str = "short"
    width: int = 8
    height: int = 8
    limits: Limits = NEUTRAL
    maximum: float | None = None
    colors: Mapping[str, str] = field(default_factory=dict)
    """Fixed colors of series by name."""
    values: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    custom: Mapping[str, Any] = field(default_factory=dict)
    options: Mapping[str, Any] = field(default_factory=dict)
    transformations: Sequence[Mapping[str, Any]] = ()
    alerts: Sequence[str] = ()
    """Alerts on what the panel shows, for links to the runbook."""

    def to_json(self, number: int, x: int, y: int) -> dict[str, Any]:
        """The panel at a place in the grid."""
        limited = self.limits is not NEUTRAL
        color = {"mode": "thresholds" if limited or self.type in ("stat", "bargauge") else "palette-classic"}
        defaults: dict[str, Any] = {
            "unit": self.unit,
            "min": 0,
            "color": color if self.type != "timeseries" else {"mode": "palette-classic"},
            "thresholds": {
                "mode": "absolute",
                "steps": [{"value": value, "color": name} for value, name in self.limits],
            },
            "mappings": self._mappings(),
            "custom": {**self.custom, **({"thresholdsStyle": {"mode": "dashed"}} if self._draws_limits else {})},
        }
        if self.maximum is not None:
            defaults["max"] = self.maximum
        if self.type == "stat" and self.unit == "short":
            defaults["decimals"] = 0  # a count, even if Prometheus extrapolates it
        overrides = [
            {
                "matcher": {"id": "byName", "options": name},
                "properties": [{"id": "color", "value": {"mode": "fixed", "fixedColor": color}}],
            }
            for name, color in self.colors.items()
        ]
        return {
            "id": number,
            "type": self.type,
            "title": self.title,
            "description": self.description,
            "datasource": DATASOURCE,
            "gridPos": {"x": x, "y": y, "w": self.width, "h": self.height},
            "targets": [query.to_json(place) for place, query in enumerate(self.queries)],
            "fieldConfig": {"defaults": defaults, "overrides": overrides},
            "options": dict(self.options),
            "transformations": list(self.transformations),
            "links": [
                {"title": f"Runbook: {alert}", "url": f"{RUNBOOK}#{alert.lower()}", "targetBlank": True}
                for alert in self.alerts
            ],
        }

    @property
    def _draws_limits(self) -> bool:
        return self.type == "timeseries" and self.limits is not NEUTRAL

    def _mappings(self) -> list[dict[str, Any]]:
        if not self.values:
            return []
        options = {
            value: {"index": place, "text": text, "color": color}
            for place, (value, (text, color)) in enumerate(self.values.items())
        }
        return [{"type": "value", "options": options}]


_LEGEND = {"displayMode": "list", "placement": "bottom", "showLegend": True, "calcs": []}
_LAST = {"calcs": ["lastNotNull"], "fields": "", "values": False}


def graph(title: str, description: str, *queries: Query, stacked: bool = False, **more: Any) -> Panel:
    """Series over time."""
    stacking = {"mode": "normal" if stacked else "none", "group": "A"}
    custom = {"lineWidth": 1, "fillOpacity": 25 if stacked else 8, "showPoints": "never", "stacking": stacking}
    options = {"legend": _LEGEND, "tooltip": {"mode": "multi", "sort": "desc"}}
    return Panel("timeseries", title, description, queries, custom=custom, options=options, **more)


def number(title: str, description: str, query: Query, **more: Any) -> Panel:
    """The current value, over its course."""
    options = {"reduceOptions": _LAST, "colorMode": "value", "graphMode": "none" if query.instant else "area"}
    size = {"width": 4, "height": 4} | more
    return Panel("stat", title, description, [query], options=options, **size)


def bars(title: str, description: str, expression: str, *, order: str = "", **more: Any) -> Panel:
    """One horizontal bar per series of current values, the largest first or ordered by a label."""
    sort = {"id": "sortBy", "options": {"sort": [{"field": order or "Value", "desc": not order}]}}
    hide = {"id": "organize", "options": {"excludeByName": {"Time": True}, "renameByName": {}, "indexByName": {}}}
    query = Query(expression, instant=True, format="table")
    return Panel(
        "bargauge",
        title,
        description,
        [query],
        options=_bar_options(rows=True),
        transformations=[hide, sort],
        **more,
    )


def histogram(title: str, description: str, expression: str, **more: Any) -> Panel:
    """One horizontal bar per bucket of a histogram, from its cumulative counts."""
    query = Query(expression, "{{le}}", instant=True, format="heatmap")
    return Panel("bargauge", title, description, [query], options=_bar_options(rows=False), **more)


def _bar_options(*, rows: bool) -> dict[str, Any]:
    return {
        "reduceOptions": _LAST | {"values": rows},
        "orientation": "horizontal",
        "displayMode": "basic",
        "valueMode": "text",
        "showUnfilled": True,
    }


def heatmap(title: str, description: str, expression: str, **more: Any) -> Panel:
    """How many observations fell into each bucket of a histogram over time."""
    options = {
        "calculate": False,
        "rowsFrame": {"layout": "auto"},
        "yAxis": {"axisPlacement": "left", "unit": more.get("unit", "short")},
        "color": {
            "mode": "scheme",
            "scheme": "Oranges",
            "fill": "dark-orange",
            "steps": 64,
            "exponent": 0.5,
            "reverse": False,
        },
        "cellGap": 1,
        "filterValues": {"le": 1e-9},
        "legend": {"show": True},
        "tooltip": {"mode": "single", "showColorScale": False, "yHistogram": False},
    }
    query = Query(expression, "{{le}}", format="heatmap")
    return Panel("heatmap", title, description, [query], options=options, **more)


def states(title: str, description: str, *queries: Query, **more: Any) -> Panel:
    """States over time, one line per series."""
    custom = {"lineWidth": 0, "fillOpacity": 70}
    options = {"mergeValues": True, "showValue": "auto", "rowHeight": 0.8, "alignValue": "left", "legend": _LEGEND}
    return Panel("state-timeline", title, description, queries, custom=custom, options=options, **more)


def table(title: str, description: str, query: str, value: str, **more: Any) -> Panel:
    """One line per series with its labels; `value` names the column of values."""
    organize = {"excludeByName": {"Time": True}, "renameByName": {"Value": value}, "indexByName": {}}
    shown = Query(query, instant=True, format="table")
    transformations = [{"id": "organize", "options": organize}]
    options = {"showHeader": True, "cellHeight": "sm"}
    return Panel("table", title, description, [shown], options=options, transformations=transformations, **more)
