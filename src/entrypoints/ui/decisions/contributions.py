"""Each characteristic's contribution to the score in points, largest first."""

from dataclasses import dataclass

from domain.applications.loan_application import LoanApplication
from domain.models.prediction import Prediction
from domain.models.scorecard import POINTS_PER_UNIT_OF_LOG_ODDS, points, whole_points
from domain.products.product_definition import ProductDefinition
from entrypoints.ui.applications.application_values import value_texts
from entrypoints.ui.shared.field_values import field_label
from entrypoints.ui.shared.formats import signed


@dataclass(frozen=True, slots=True)
class Bar:
    """One characteristic. Negative `points` raise the risk. `start` and `length` are percent of the width."""

    label: str
    value: str
    points: float
    text: str
    start: float
    length: float

    @property
    def raises_risk(self) -> bool:
        """Whether the applicant lost points."""
        return self.points < 0


@dataclass(frozen=True, slots=True)
class Contributions:
    """From the training average (`start`) to the applicant's score (`end`).

    `zero` is the position of the zero line in percent of the chart width.
    """

    start: str
    zero: float
    bars: tuple[Bar, ...]
    end: str


def contributions_of(
    application: LoanApplication, prediction: Prediction, product: ProductDefinition
) -> Contributions:
    """The contributions of all characteristics; with the start they add up to the end, apart from rounding."""
    values = value_texts(application, product)
    contributions = {
        name: -POINTS_PER_UNIT_OF_LOG_ODDS * share
        for name, share in zip(product.characteristic_names, prediction.contributions, strict=True)
    }
    left = -min(0.0, *contributions.values())
    right = max(0.0, *contributions.values())
    width = (left + right) or 1.0
    zero = 100 * left / width
    bars = (
        Bar(
            label=field_label(product.field_by_name[name]),
            value=values[name],
            points=size,
            text=signed(size),
            start=round(zero + min(0.0, 100 * size / width), 2),
            length=round(abs(100 * size / width), 2),
        )
        for name, size in contributions.items()
    )
    return Contributions(
        start=f"{points(prediction.base):.1f}",
        zero=round(zero, 2),
        bars=tuple(sorted(bars, key=lambda bar: -abs(bar.points))),
        end=f"{whole_points(prediction.log_odds):.0f}",
    )
