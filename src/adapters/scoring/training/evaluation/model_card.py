"""The model card: intended use, data, performance and limits, for people and programs."""

from collections.abc import Sequence
from typing import Any

from adapters.scoring.training.fitting.development_sample import DevelopmentSample, SampleCounts
from adapters.scoring.training.fitting.recent_loans import RecentWeight
from adapters.scoring.training.training_notes import CardTexts, SourceFile


def build_card(
    *,
    version: str,
    seed: int,
    texts: CardTexts,
    file: SourceFile | None,
    warnings: Sequence[str],
    sample: DevelopmentSample,
    intake: SampleCounts,
    candidates: Sequence[RecentWeight],
    chosen: float,
    figures: dict[str, Any],
    settings: dict[str, Any],
) -> dict[str, Any]:
    """The card as data. `figures` has the measures by name, None for those that could not be measured."""
    return {
        "model": {"name": "champion", "version": version, "seed": seed, "trees": settings},
        "intended_use": texts.intended_use,
        "data": {
            "source": texts.source,
            **_file(file, intake),
            "issued_from": str(sample.issued.min()),
            "issued_to": str(sample.issued.max()),
            "read": intake.read,
            "left_out_unfinished": intake.unfinished,
            "left_out_incomplete": intake.incomplete,
            "used": intake.used,
            "bad": int(sample.bad.sum()),
            "policy_exceptions_used": intake.used_exceptions,
            "policy_exceptions_bad": int((sample.exception & sample.bad).sum()),
        },
        "recent_loans": {
            "count_times": chosen,
            "tried": [
                {"times": weight.times, "auc": weight.auc, "log_loss": weight.log_loss} for weight in candidates
            ],
        },
        "measures": figures,
        "warnings": list(warnings),
        "limits": list(texts.limits),
        "fairness": texts.fairness,
    }


def _file(file: SourceFile | None, intake: SampleCounts) -> dict[str, Any]:
    if file is None:
        return {}
    rows = intake.read + file.rows_refused
    return {"file": {"name": file.name, "sha256": file.digest, "rows": rows, "rows_rejected": file.rows_refused}}
