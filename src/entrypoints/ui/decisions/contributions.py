"""What drove the score: each characteristic's share in it, in points, the largest first."""

from dataclasses import dataclass

from domain.applications.loan_application import LoanApplication
from domain.models.characteristics import CHARACTERISTIC_NAMES
from domain.models.prediction import Prediction
from domain.models.scorecard import POINTS_PER_UNIT_OF_LOG_ODDS, points, whole_points
from entrypoints.ui.applications.application_values import values_of
from entrypoints.ui.shared.formats import signed
from entrypoints.ui.shared.labels import characteristic


@dataclass(frozen=True, slots=True)
class Bar:
    """One characteristic: `points` below nought raise the risk; `start` and `length` are percent of the room."""

    label: str
    value: str
    points: float
    text: str
    start: float
    length: float

    @property
    def raises_risk(self) -> bool:
        """Whether it cost the applicant points."""
        return self.points < 0


@dataclass(frozen=True, slots=True)
class Contributions:
    """From the `start`, the average of the loans the model learned from, to the applicant's points, the `end`.

    `nought` is where bars begin, in percent of the room.
    """

    start: str
    nought: float
    bars: tuple[Bar, ...]
    end: str


def contributions_of(application: LoanApplication, prediction: Prediction) -> Contributions:
    """The shares of every characteristic: with the start they add up to the end, rounding aside."""
    values = values_of(application)
    gained = {
        name: -POINTS_PER_UNIT_OF_LOG_ODDS * share
        for name, share in zip(CHARACTERISTIC_NAMES, prediction.contributions, strict=True)
    }
    left = -min(0.0, *gained.values())
    right = max(0.0, *gained.values())
    room = (left + right) or 1.0
    nought = 100 * left / room
    bars = (
        Bar(
            label=characteristic(name),
            value=values[name],
            points=size,
            text=signed(size),
            start=round(nought + min(0.0, 100 * size / room), 2),
            length=round(abs(100 * size / room), 2),
        )
        for name, size in gained.items()
    )
    return Contributions(
        start=f"{points(prediction.base):.1f}",
        nought=round(nought, 2),
        bars=tuple(sorted(bars, key=lambda bar: -abs(bar.points))),
        end=f"{whole_points(prediction.log_odds):.0f}",
    )
