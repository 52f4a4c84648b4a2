"""Write an HTML page of the specifications with their results, for readers who do not open the code.

    python tests/specifications_page.py build/specifications.json build/specifications.html

The input is pytest-bdd's report in Cucumber's JSON format. Every scenario runs through the use cases and through
HTTP, and passes only if it passes both times.
"""

import json
import sys
from collections import defaultdict
from html import escape
from pathlib import Path
from typing import Any

STYLE = """
:root { color-scheme: light dark; --good: #0a7a4b; --bad: #b3261e; --line: #8884; }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 52rem; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.6rem } h2 { margin-top: 2.5rem } p.why { opacity: .8 }
details { border: 1px solid var(--line); border-radius: 8px; margin: .5rem 0; padding: .5rem .9rem }
summary { cursor: pointer; font-weight: 600 } .mark { float: right; font-weight: 600 }
.good { color: var(--good) } .bad { color: var(--bad) } ol { list-style: none; padding-left: 1rem }
li b { display: inline-block; width: 4rem; opacity: .6; font-weight: 400 } pre { overflow: auto; font-size: .8rem }
"""

RUNS = 2
"""The runs of each scenario: through the use cases and through HTTP."""


def scenario_html(runs: list[dict[str, Any]]) -> tuple[str, bool]:
    """One scenario as HTML, and whether it passed in every run."""
    failed = [step for run in runs for step in run["steps"] if step["result"]["status"] != "passed"]
    passed = not failed and len(runs) == RUNS
    mark = f'<span class="mark {"good" if passed else "bad"}">{"passed" if passed else "failed"}</span>'
    steps = "".join(
        f"<li><b>{escape(step['keyword'])}</b>{escape(step['name'])}</li>" for step in runs[0]["steps"]
    )
    errors = "".join(f"<pre>{escape(step['result'].get('error_message', ''))}</pre>" for step in failed)
    name = escape(runs[0]["name"])
    return (
        f"<details{'' if passed else ' open'}><summary>{name}{mark}</summary><ol>{steps}</ol>{errors}</details>",
        passed,
    )


def page(features: list[dict[str, Any]]) -> str:
    """The whole page."""
    sections, passing, count = [], 0, 0
    for feature in sorted(features, key=lambda each: each["name"]):
        by_scenario: dict[str, list[dict[str, Any]]] = defaultdict(list)
        for element in feature["elements"]:
            by_scenario[f"{element['name']} {element['id']}"].append(element)
        scenarios = [scenario_html(runs) for runs in by_scenario.values()]
        passing += sum(passed for _, passed in scenarios)
        count += len(scenarios)
        sections.append(
            f'<h2>{escape(feature["name"])}</h2><p class="why">{escape(feature["description"].strip())}</p>'
            + "".join(html for html, _ in scenarios)
        )
    return (
        "<!doctype html><html lang=en><meta charset=utf-8><meta name=viewport content='width=device-width'>"
        f"<title>Specifications</title><style>{STYLE}</style><h1>What the service does, as specified</h1>"
        f"<p>{passing} of {count} scenarios passed, each through the use cases and through HTTP.</p>"
        + "".join(sections)
    )


if __name__ == "__main__":
    report, target = (Path(name) for name in sys.argv[1:3])
    features = json.loads(report.read_text()) if report.exists() else []
    if not features:
        sys.exit(f"{report} contains no results: no specification was run")
    target.write_text(page(features))
