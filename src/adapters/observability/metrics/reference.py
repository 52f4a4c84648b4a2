"""The table of all metrics. `python -m adapters.observability.metrics.reference` writes docs/metrics.md."""

from pathlib import Path

from adapters.observability.metrics.families import Family
from adapters.observability.metrics.metrics import SERVED_BY, Metrics

PAGE = Path(__file__).parents[4] / "docs" / "metrics.md"
_INTRODUCTION = """\
# Metrics

For operators, and for authors of dashboards and alert rules. How to scrape them is described in
[operations](operations.md#metrics).

This page is generated: `.venv/bin/python -m adapters.observability.metrics.reference` writes it.

Each process, and each of several API workers, counts for itself: use `sum` over `instance` for counters and
histograms. Metrics of stored state (batches, outbox, checkpoints, verification, partitions, size) are read from
the database by every API process, every 15 seconds, loans every minute: use `max`. A request for the metrics
never waits for the database. While the database cannot be read, the metrics of stored state are absent, and
`scoring_dependency_up{dependency="database"}` is 0.

The values of every label come from fixed sets: route templates, and names in the code, the policy and the model
bundle. No label holds data of a request. The usual `process_*` and `python_*` metrics are included.

| metric | type | labels | processes | meaning |
| --- | --- | --- | --- | --- |
"""


def metrics_page() -> str:
    """The page in Markdown, with a row for each metric."""
    processes: dict[str, list[str]] = {}
    families: dict[str, Family] = {}
    for process in SERVED_BY:
        for family in Metrics(process).families:
            families.setdefault(family.exposed_name, family)
            processes.setdefault(family.exposed_name, []).append(process)
    rows = [
        f"| `{name}` | {family.kind} | {', '.join(family.labels)} | {', '.join(processes[name])} "
        f"| {family.documentation} |\n"
        for name, family in families.items()
    ]
    return _INTRODUCTION + "".join(rows)


if __name__ == "__main__":
    PAGE.write_text(metrics_page())
