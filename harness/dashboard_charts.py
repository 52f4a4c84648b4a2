"""Pictures of dashboards without Grafana: the data of each panel from a real Prometheus, drawn in the grid."""

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import nicegui
from playwright.sync_api import Browser, Route

from harness.dashboards import Panel, legend_of, panels_of, replace_variables
from harness.prometheus import PrometheusClient, Series

_PAGE = Path(__file__).with_name("dashboard_charts.html")
_ECHARTS = Path(nicegui.__file__).parent / "elements" / "echart" / "dist"
_ADDRESS = "http://charts.invalid/"
"""Served by `_respond`, not by the network."""
_WIDTH, _HEIGHT = 1400, 1400


@dataclass(frozen=True)
class TimeRange:
    """The range that is drawn: seconds since the epoch, and the interval of scrapes in seconds."""

    start: float
    end: float
    scrape: int

    @property
    def step(self) -> float:
        """The time between two points: about 120 points, and none between two scrapes."""
        return max((self.end - self.start) / 120, self.scrape)


def pictures(
    browser: Browser, prometheus: PrometheusClient, dashboard: Mapping[str, Any], shown: TimeRange
) -> list[bytes]:
    """PNGs of a dashboard: one, or several from top to bottom if it is long. A panel without data says so."""
    rows = [panel for panel in dashboard["panels"] if panel["type"] == "row"]
    content = {
        "title": dashboard["title"],
        "start": shown.start * 1000,
        "end": shown.end * 1000,
        "rows": [{"title": row["title"], "place": row["gridPos"]} for row in rows],
        "panels": [_content(panel, dashboard, prometheus, shown) for panel in panels_of(dashboard)],
    }
    page = browser.new_page(viewport={"width": _WIDTH, "height": 800})
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.route(f"{_ADDRESS}**", _respond)
    page.add_init_script(f"window.dashboard = {json.dumps(content)}")
    page.goto(_ADDRESS)
    try:
        page.wait_for_selector("body.drawn", timeout=30_000)
    finally:
        assert not faults, faults
    tops = page.evaluate("[...document.querySelectorAll('.row')].map((row) => row.getBoundingClientRect().top)")
    height = page.evaluate("document.documentElement.scrollHeight")
    cuts = _cuts(tops, height)
    drawn = [
        page.screenshot(full_page=True, clip={"x": 0, "y": top, "width": _WIDTH, "height": bottom - top})
        for top, bottom in pairwise(cuts)
    ]
    page.close()
    return drawn


def _cuts(tops: Sequence[float], height: float) -> list[float]:
    """Where to cut a page between rows, so that each part is at most _HEIGHT or a single row."""
    cuts = [0.0]
    for top, bottom in pairwise([*tops, height]):
        if bottom - cuts[-1] > _HEIGHT and top > tops[0]:
            cuts.append(top)
    return [*cuts, height]


def _respond(route: Route) -> None:
    name = route.request.url.removeprefix(_ADDRESS)
    route.fulfill(path=_ECHARTS / name if name else _PAGE)


def _content(
    panel: Panel, dashboard: Mapping[str, Any], prometheus: PrometheusClient, shown: TimeRange
) -> dict[str, Any]:
    """What the page needs to draw a panel; times in milliseconds."""
    series = [
        {"name": legend_of(query, each.labels), "labels": each.labels, "points": _finite(each)}
        for query in panel.queries
        for each in _evaluate(query, dashboard, prometheus, shown)
    ]
    if panel.queries[0]["format"] == "heatmap":
        series = _buckets(series)
    return {"panel": panel.json, "series": series}


def _evaluate(
    query: Mapping[str, Any], dashboard: Mapping[str, Any], prometheus: PrometheusClient, shown: TimeRange
) -> list[Series]:
    expression = replace_variables(
        query["expr"], dashboard, seconds=math.ceil(shown.end - shown.start), interval=4 * shown.scrape
    )
    if query["instant"]:
        found = prometheus.query(expression, at=shown.end)
        return [Series(sample.labels, [(shown.end, sample.value)]) for sample in found]
    return prometheus.query_range(expression, start=shown.start, end=shown.end, step=shown.step)


def _finite(series: Series) -> list[tuple[float, float]]:
    return [(at * 1000, value) for at, value in series.points if math.isfinite(value)]


def _buckets(cumulative: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Counts in each bucket, from counts up to its limit; as Grafana does for histograms."""
    ordered = sorted(cumulative, key=lambda each: float(each["labels"]["le"]))
    below: dict[float, float] = {}
    buckets = []
    for each in ordered:
        counts = dict(each["points"])
        points = [(at, max(count - below.get(at, 0.0), 0.0)) for at, count in counts.items()]
        buckets.append(each | {"points": points})
        below = counts
    return buckets
