"""The progress of training, for a progress bar."""

from collections.abc import Callable
from dataclasses import dataclass

Report = Callable[[str, float], None]
"""Called with the name of the current stage and the share of the total work done, 0 to 1."""

_STAGES = (
    ("Weighting recent loans", 0.34),
    ("Measuring out-of-time performance", 0.08),
    ("Training and calibrating", 0.07),
    ("Refitting on resampled loans", 0.42),
    ("Measuring and writing", 0.09),
)


def no_report(_stage: str, _share: float) -> None:
    """Discard progress reports."""


@dataclass(frozen=True, slots=True)
class Stages:
    """The stages in order, each with its share of the time."""

    report: Report

    def start(self, number: int) -> Callable[[float], None]:
        """Report the beginning of a stage and return a function that reports the share of it done."""
        name, width = _STAGES[number]
        before = sum(share for _, share in _STAGES[:number])

        def report(share: float) -> None:
            self.report(name, min(1.0, before + width * share))

        report(0.0)
        return report
