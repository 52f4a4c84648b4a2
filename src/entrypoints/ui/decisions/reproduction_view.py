"""The comparison of a reproduced decision with its record, as text."""

from dataclasses import dataclass

from application.use_cases.decisions.reproduce_decision import Reproduction
from entrypoints.ui.shared.formats import counted


@dataclass(frozen=True, slots=True)
class ReproductionView:
    """The result as a headline, the scope of the comparison, and one line per difference."""

    identical: bool
    headline: str
    comparison: str
    differences: tuple[str, ...]


def reproduction_view(reproduction: Reproduction) -> ReproductionView:
    record, comparison = reproduction.record, reproduction.comparison
    fields = counted(comparison.compared, "field", "fields")
    differing = counted(len(comparison.differences), "field differs", "fields differ")
    return ReproductionView(
        identical=comparison.identical,
        headline="Reproduced exactly" if comparison.identical else f"Reproduced with differences: {differing}",
        comparison=f"{fields} compared, using the model and policy of the day "
        f"(model {record.model_version}, policy {record.decision.policy_version}).",
        differences=tuple(
            f"{one.field}: recorded {one.recorded}, now {one.reproduced}" for one in comparison.differences
        ),
    )
