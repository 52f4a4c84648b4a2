"""How a decision made again compares with its record, in words."""

from dataclasses import dataclass

from application.use_cases.decisions.reproduce_decision import Reproduction
from entrypoints.ui.shared.formats import counted


@dataclass(frozen=True, slots=True)
class ReproductionView:
    """The finding as a headline, what was compared, and a line a difference."""

    identical: bool
    headline: str
    compared: str
    differences: tuple[str, ...]


def reproduction_view(reproduction: Reproduction) -> ReproductionView:
    """The view of a reproduction."""
    record, comparison = reproduction.record, reproduction.comparison
    fields = counted(comparison.compared, "field", "fields")
    differing = counted(len(comparison.differences), "field differs", "fields differ")
    return ReproductionView(
        identical=comparison.identical,
        headline=f"Made again, {'it is the same to the last bit' if comparison.identical else differing}",
        compared=f"{fields} compared, under model {record.model_version} and policy "
        f"{record.decision.policy_version}, whatever is in force today.",
        differences=tuple(
            f"{one.field}: recorded {one.recorded}, now {one.reproduced}" for one in comparison.differences
        ),
    )
