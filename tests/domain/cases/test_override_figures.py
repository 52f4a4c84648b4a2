"""Rates of overrides, with intervals that hold for small numbers."""

import pytest

from domain.monitoring.share import Share, wilson_interval


@pytest.mark.parametrize(
    ("count", "total", "low", "high"),
    [(0, 10, 0.0, 0.2775), (1, 2, 0.0945, 0.9055), (10, 10, 0.7225, 1.0), (50, 100, 0.4038, 0.5962)],
)
def test_the_interval_is_wilsons(count: int, total: int, low: float, high: float) -> None:
    assert wilson_interval(count, total) == pytest.approx((low, high), abs=5e-5)


def test_without_decisions_there_is_no_rate() -> None:
    assert (Share().rate, Share().interval) == (None, None)
