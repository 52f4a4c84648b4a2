"""Overviews as bytes for the cache: JSON in which every number is exact."""

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
    """An overview and the time of its count; later decisions are not included."""

    overview: Overview
    as_of: datetime


def encode(dated: DatedOverview) -> bytes:
    """The overview as bytes."""
    overview, period = dated.overview, dated.overview.period
    content = {
        "as_of": dated.as_of.isoformat(),
        "period": [period.start.isoformat(), period.end.isoformat(), period.step.total_seconds()],
        "course": [_counts(outcomes) for outcomes in overview.course],
        "bands": overview.bands,
        "versions": [
            [each.model_version, each.policy_version, _counts(each.outcomes), each.pd_sum]
            for each in overview.versions
        ],
        "confidences": {confidence.value: count for confidence, count in overview.confidences.items()},
        "reasons": [[code.value, count] for code, count in overview.reasons],
        "outside_domain": overview.outside_domain,
        "asked": overview.requested.cents,
        "recommended": overview.recommended.cents,
    }
    return json.dumps(content, separators=(",", ":"), ensure_ascii=False).encode()


def decode(result: bytes) -> DatedOverview | None:
    """The overview that `encode` wrote; None if the bytes are anything else."""
    try:
        return _decode(json.loads(result))
    except (ValueError, TypeError, KeyError):
        return None


def _decode(content: Any) -> DatedOverview:
    start, end, step = content["period"]
    overview = Overview(
        period=Period(datetime.fromisoformat(start), datetime.fromisoformat(end), timedelta(seconds=step)),
        course=tuple(Outcomes(*counts) for counts in content["course"]),
        bands=tuple(content["bands"]),
        versions=tuple(
            VersionFigures(model, policy, Outcomes(*counts), pd_sum)
            for model, policy, counts, pd_sum in content["versions"]
        ),
        confidences={Confidence(name): count for name, count in content["confidences"].items()},
        reasons=tuple((ReasonCode(code), count) for code, count in content["reasons"]),
        outside_domain=content["outside_domain"],
        requested=Money(content["asked"]),
        recommended=Money(content["recommended"]),
    )
    return DatedOverview(overview, datetime.fromisoformat(content["as_of"]))


def _counts(outcomes: Outcomes) -> list[int]:
    return [outcomes.approved, outcomes.referred, outcomes.declined]
