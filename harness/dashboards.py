"""The shipped Grafana dashboards: their panels, and their queries with variables replaced as Grafana does."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).resolve().parents[1] / "deploy" / "grafana" / "dashboards"
_VARIABLE = re.compile(r"\$\{(\w+)\}|\$(\w+)")


@dataclass(frozen=True)
class Panel:
    """A panel of a dashboard, with its JSON."""

    dashboard: str
    json: dict[str, Any]

    @property
    def name(self) -> str:
        """Title of the dashboard and of the panel."""
        return f"{self.dashboard} / {self.json['title']}"

    @property
    def queries(self) -> list[dict[str, Any]]:
        """The targets: expr, legendFormat, instant, format."""
        return list(self.json["targets"])


def dashboards() -> Iterator[dict[str, Any]]:
    """The JSON of every dashboard."""
    for path in sorted(FOLDER.glob("*.json")):
        yield json.loads(path.read_text())


def panels_of(dashboard: Mapping[str, Any]) -> list[Panel]:
    """The panels that have queries: all but titles of rows."""
    return [Panel(dashboard["title"], panel) for panel in dashboard["panels"] if panel["type"] != "row"]


def replace_variables(expression: str, dashboard: Mapping[str, Any], *, seconds: int, interval: int) -> str:
    """The expression as Grafana sends it for a time range of `seconds`, with the variables' default "All".

    `interval` is the value of `$__rate_interval` in seconds. Raises KeyError for a variable that is not defined.
    """
    values = {each["name"]: each["allValue"] for each in dashboard["templating"]["list"] if "allValue" in each}
    values |= {"__range": f"{seconds}s", "__rate_interval": f"{interval}s"}
    return _VARIABLE.sub(lambda found: values[found[1] or found[2]], expression)


def legend_of(query: Mapping[str, Any], labels: Mapping[str, str]) -> str:
    """The name of a series, as Grafana forms it."""
    if query["legendFormat"] == "__auto":
        return ", ".join(value for name, value in labels.items() if name != "__name__")
    return re.sub(r"\{\{\s*(\w+)\s*\}\}", lambda found: labels.get(found[1], ""), query["legendFormat"]).strip()
