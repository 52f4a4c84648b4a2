"""Policy rules, as values that can be stored, compared and displayed.

A rule compares a measure of the product or of circumstances with a limit, the same for one application and for
columns of a million.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import Enum

from domain.arithmetic import Flag, Quantity
from domain.policies.circumstance_measures import (
    AT_LEAST_MEASURES,
    CIRCUMSTANCE_MEASURES,
    CIRCUMSTANCE_REASONS,
    LIMITS,
)
from domain.policies.outcome import Outcome
from domain.printable import TITLE, is_title
from domain.products.product_definition import ProductDefinition


class InvalidRuleName(ValueError):
    """A rule has no name, or two rules of a policy have the same name."""


class UnknownMeasure(ValueError):
    """A rule names a measure that the product does not have."""


class UnknownReason(ValueError):
    """A rule gives a reason that the product does not have."""


class InvalidLimit(ValueError):
    """A rule on circumstances has a limit that would fail every application, or none."""


class RuleWithoutConsequence(ValueError):
    """A rule that is not met would approve."""


class Comparison(Enum):
    """The side of the limit on which a measure must lie; the limit itself is allowed."""

    AT_LEAST = "at least"
    AT_MOST = "at most"


@dataclass(frozen=True, slots=True)
class Rule:
    """A condition of the policy, with the outcome and reason for an application that does not meet it.

    `measure` and the code `reason` are those of the product or of circumstances. `severity` is that of the
    outcome, derived once.
    """

    name: str
    measure: str
    comparison: Comparison
    limit: float
    reason: str
    otherwise: Outcome
    severity: int = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        if not is_title(self.name):
            raise InvalidRuleName(f"a rule must have a name of {TITLE}")
        if self.otherwise is Outcome.APPROVED:
            raise RuleWithoutConsequence(
                f"rule {self.name!r}: an application that does not meet it must be referred or declined"
            )
        object.__setattr__(self, "severity", self.otherwise.severity)

    def __str__(self) -> str:
        return f"{self.name}: {self.measure} {self.comparison.value} {self.limit:g}"


def check_rule(rule: Rule, product: ProductDefinition, *, circumstances: bool) -> None:
    """Raises UnknownMeasure or UnknownReason for what the product does not have, and InvalidLimit.

    `circumstances` says whether rules can measure them.
    """
    on_circumstances = [measure.name for measure in CIRCUMSTANCE_MEASURES] if circumstances else []
    measures = [*(measure.name for measure in product.measures), *on_circumstances]
    if rule.measure not in measures:
        raise UnknownMeasure(
            f"rule {rule.name!r}: unknown measure {rule.measure!r}; the measures are {', '.join(measures)}"
        )
    reasons = [*product.reasons, *(CIRCUMSTANCE_REASONS if circumstances else ())]
    if rule.reason not in reasons:
        raise UnknownReason(
            f"rule {rule.name!r}: unknown reason {rule.reason!r}; the reasons are {', '.join(reasons)}"
        )
    if rule.measure in on_circumstances:
        _check_limit(rule)


def _check_limit(rule: Rule) -> None:
    least, most = LIMITS[rule.measure]
    comparison = Comparison.AT_LEAST if rule.measure in AT_LEAST_MEASURES else Comparison.AT_MOST
    if rule.comparison is not comparison or not least <= rule.limit <= most:
        limits = f"{least:,g}" if least == most else f"a number from {least:,g} to {most:,g}"
        raise InvalidLimit(f"rule {rule.name!r}: {rule.measure} must be {comparison.value} {limits}")


Check = tuple[int, bool, float]
"""A rule's measure by its index, whether it must be at least the limit (or at most), and the limit."""


def evaluate_checks(checks: Sequence[Check], measures: tuple[Quantity, ...]) -> list[Flag]:
    """Whether each rule is met."""
    return [
        measures[index] >= limit if at_least else measures[index] <= limit for index, at_least, limit in checks
    ]
