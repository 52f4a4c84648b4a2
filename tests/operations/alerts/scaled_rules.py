"""The shipped rules with every duration divided by one factor, so that a test takes minutes instead of days.

Divided are `for`, the intervals of groups, range selectors, offsets, and ages written as N * 60, N * 3600 or
N * 86400. Everything else stays as shipped, such as thresholds of latency, shares and counts. FACTORS holds the
few alerts that need another factor, and why.
"""

import re
from pathlib import Path
from typing import Any

import yaml

from operations.alerts.test_rules import RULE_FILES

FACTOR = 60.0
FACTORS = {
    "NoDecisions": 1.0,  # the week before is loaded into Prometheus instead
    "CheckpointOverdue": 6.0,  # the service makes a checkpoint a minute: an age of 10 s would be healthy
    "CheckpointNotPublished": 6.0,  # as above
    "AuditVerificationOverdue": 3600.0,  # 36 hours: 36 seconds
    "SeveralVersionsDeciding": 240.0,  # two hours: 30 seconds
}
_UNITS = {"ms": 0.001, "s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}
_DURATION = re.compile(r"(\d+)(ms|[smhdw])")
_IN_EXPRESSION = re.compile(r"(\[|offset )((?:\d+(?:ms|[smhdw]))+)")
_AGE = re.compile(r"\b(\d+ \* (?:60|3600|86400))\b")

_RANGE = 5.0
"""Seconds of the shortest range: a rate needs several scrapes, one a second."""


def scaled_duration(text: str, factor: float, at_least: float = 1.0) -> str:
    """A duration such as "1h30m" divided by the factor, but at least so many seconds."""
    seconds = sum(int(number) * _UNITS[unit] for number, unit in _DURATION.findall(text))
    return f"{round(max(seconds / factor, at_least) * 1000)}ms"


def scaled_expression(text: str, factor: float) -> str:
    """An expression with ranges, offsets and ages divided by the factor."""
    text = _IN_EXPRESSION.sub(lambda found: found[1] + scaled_duration(found[2], factor, _RANGE), text)
    return _AGE.sub(rf"(\1 / {factor:g})", text)


def scaled_rules(folder: Path) -> list[Path]:
    """Write the scaled rule files into the folder, and return their paths."""
    written = []
    for file in RULE_FILES:
        content = yaml.safe_load(file.read_text())
        for group in content["groups"]:
            if "interval" in group:
                group["interval"] = scaled_duration(group["interval"], FACTOR)
            group["rules"] = [_scaled(rule) for rule in group["rules"]]
        written.append(folder / file.name)
        written[-1].write_text(yaml.safe_dump(content, sort_keys=False, width=1000))
    return written


def _scaled(rule: dict[str, Any]) -> dict[str, Any]:
    factor = FACTORS.get(rule.get("alert", ""), FACTOR)
    scaled = rule | {"expr": scaled_expression(rule["expr"], factor)}
    if "for" in rule:
        scaled["for"] = scaled_duration(rule["for"], factor)
    return scaled
