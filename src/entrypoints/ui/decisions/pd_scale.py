"""The PD and its interval relative to the policy's cut-offs, as positions on a scale."""

from dataclasses import dataclass

from domain.models.prediction import Prediction
from domain.policies.scoring_policy import ScoringPolicy
from entrypoints.ui.shared.formats import percent, percent_range

_STEPS = (0.01, 0.02, 0.05, 0.1, 0.2)
_MAX_TICKS = 7


@dataclass(frozen=True, slots=True)
class Zone:
    """A section of the scale where the score alone leads to one outcome."""

    outcome: str
    start: float
    end: float


@dataclass(frozen=True, slots=True)
class Tick:
    """A labeled position on the scale."""

    at: float
    text: str


@dataclass(frozen=True, slots=True)
class PdScale:
    """Positions from 0 to 100; `description` is the text for screen readers."""

    zones: tuple[Zone, ...]
    cut_offs: tuple[Tick, ...]
    ticks: tuple[Tick, ...]
    low: float
    pd: float
    high: float
    description: str


def pd_scale(prediction: Prediction, policy: ScoringPolicy | None) -> PdScale:
    """The scale for a prediction; without zones if the policy that decided is not available."""
    interval = prediction.interval
    limits = () if policy is None else (policy.approve_below, policy.decline_from)
    highest = max(interval.high * 1.1, *(limit * 1.6 for limit in limits), 0.05)
    step = next((size for size in _STEPS if highest / size <= _MAX_TICKS), _STEPS[-1])
    top = min(step * -(-highest // step), 1.0)

    def position(share: float) -> float:
        return round(100 * min(share / top, 1.0), 2)

    edges = (0.0, *limits, top) if limits else ()
    return PdScale(
        zones=tuple(
            Zone(outcome, position(start), position(end))
            for outcome, start, end in zip(("approved", "referred", "declined"), edges, edges[1:], strict=False)
            if end > start
        ),
        cut_offs=tuple(Tick(position(limit), percent(limit)) for limit in dict.fromkeys(limits)),
        ticks=tuple(Tick(position(mark * step), percent(mark * step, 0)) for mark in range(round(top / step) + 1)),
        low=position(interval.low),
        pd=position(prediction.pd.value),
        high=position(interval.high),
        description=_description(prediction, limits),
    )


def _description(prediction: Prediction, limits: tuple[float, ...]) -> str:
    interval = prediction.interval
    text = (
        f"Probability of default {percent(prediction.pd.value)}, 90 % interval "
        f"{percent_range(interval.low, interval.high)}."
    )
    if limits:
        text += f" Approve below {percent(limits[0])}, decline from {percent(limits[1])}."
    return text
