"""Overviews as bytes, to be remembered: JSON, every number exactly as it was."""

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from domain.applications.money import Money
from domain.monitoring.overview import Outcomes, Overview, VersionFigures
from domain.monitoring.period import Period
from domain.policies.outcome import Confidence
from domain.policies.reasons import ReasonCode

KIND = "overview 1"


@dataclass(frozen=True, slots=True)
class DatedOverview:
    """An overview, and the moment it was counted: decisions made since are not in it."""

    overview: Overview
    as_of: datetime


def written(dated: DatedOverview) -> bytes:
    """The overview as bytes."""
    overview, period = dated.overview, dated.overview.period
    told = {
        "as_of": dated.as_of.isoformat(),
        "period": [period.start.isoformat(), period.end.isoformat(), period.step.total_seconds()],
        "course": [_counts(outcomes) for outcomes in overview.course],
        "bands": overview.bands,
        "versions": [
            [one.model_version, one.policy_version, _counts(one.outcomes), one.pd_sum] for one in overview.versions
        ],
        "confidences": {confidence.value: count for confidence, count in overview.confidences.items()},
        "reasons": [[code.value, count] for code, count in overview.reasons],
        "outside_domain": overview.outside_domain,
        "asked": overview.requested.cents,
        "recommended": overview.recommended.cents,
    }
    return json.dumps(told, separators=(",", ":"), ensure_ascii=False).encode()


def read(answer: bytes) -> DatedOverview | None:
    """The overview that these bytes, which `written` gave, stand for; None for anything else."""
    try:
        return _read(json.loads(answer))
    except (ValueError, TypeError, KeyError):
        return None


def _read(told: Any) -> DatedOverview:
    start, end, step = told["period"]
    overview = Overview(
        period=Period(datetime.fromisoformat(start), datetime.fromisoformat(end), timedelta(seconds=step)),
        course=tuple(Outcomes(*counts) for counts in told["course"]),
        bands=tuple(told["bands"]),
        versions=tuple(
            VersionFigures(model, policy, Outcomes(*counts), pd_sum)
            for model, policy, counts, pd_sum in told["versions"]
        ),
        confidences={Confidence(name): count for name, count in told["confidences"].items()},
        reasons=tuple((ReasonCode(code), count) for code, count in told["reasons"]),
        outside_domain=told["outside_domain"],
        requested=Money(told["asked"]),
        recommended=Money(told["recommended"]),
    )
    return DatedOverview(overview, datetime.fromisoformat(told["as_of"]))


def _counts(outcomes: Outcomes) -> list[int]:
    return [outcomes.approved, outcomes.referred, outcomes.declined]
