"""How far training has come, for a progress bar."""

from collections.abc import Callable
from dataclasses import dataclass

Report = Callable[[str, float], None]
"""Told the present stage in plain words and the share of all the work that is done, 0 to 1."""

_STAGES = (
    ("Weighing recent loans", 0.34),
    ("Measuring out of time", 0.08),
    ("Growing and calibrating", 0.07),
    ("Refitting on resampled loans", 0.42),
    ("Measuring and writing", 0.09),
)


def silent(_stage: str, _share: float) -> None:
    """Report to nobody."""


@dataclass(frozen=True, slots=True)
class Stages:
    """The stages in their order, each with its share of the time."""

    report: Report

    def within(self, number: int) -> Callable[[float], None]:
        """Reports the share done of one stage; at once its beginning."""
        name, width = _STAGES[number]
        before = sum(share for _, share in _STAGES[:number])

        def within(share: float) -> None:
            self.report(name, min(1.0, before + width * share))

        within(0.0)
        return within
