"""The contract of every request rate limit."""

from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.memory.request_rates import MemoryRequestRates
from application.ports.access.request_rates import TooManyRequests


@dataclass
class Counter:
    """Request rates with a clock that is set by hand."""

    per_second: int = 10
    burst: int = 3
    max_callers: int = 10_000
    now: float = 5_000.0
    refused: list[None] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.rates = MemoryRequestRates(
            self.per_second,
            self.burst,
            max_callers=self.max_callers,
            now=lambda: self.now,
            on_refusal=lambda: self.refused.append(None),
        )

    def admits(self, caller: str = "portal") -> bool:
        try:
            self.rates.admit(caller)
        except TooManyRequests:
            return False
        return True


def admitted(counter: Counter, caller: str, times: int) -> int:
    return sum(counter.admits(caller) for _ in range(times))


def test_a_burst_is_allowed_up_to_the_configured_size() -> None:
    counter = Counter()
    assert admitted(counter, "portal", 9) == 3
    assert len(counter.refused) == 6


def test_a_refused_caller_is_admitted_after_the_stated_wait() -> None:
    counter = Counter()
    admitted(counter, "portal", 3)
    with pytest.raises(TooManyRequests) as refused:
        counter.rates.admit("portal")
    assert refused.value.wait.total_seconds() == pytest.approx(0.1, abs=1e-5)
    counter.now += refused.value.wait.total_seconds()
    assert counter.admits()
    assert not counter.admits()


@pytest.mark.parametrize(("per_second", "burst"), [(10, 1), (10, 100), (3, 7), (1, 1), (5_000, 50)])
def test_the_long_run_rate_is_the_configured_rate(per_second: int, burst: int) -> None:
    counter = Counter(per_second, burst)
    attempts_per_second, seconds = 4 * per_second, 5
    admitted_requests = 0
    for _ in range(attempts_per_second * seconds):
        admitted_requests += counter.admits()
        counter.now += 1 / attempts_per_second
    assert per_second * seconds + burst - 1 <= admitted_requests <= per_second * seconds + burst


def test_refused_requests_do_not_extend_the_wait() -> None:
    counter = Counter()
    admitted(counter, "portal", 1_000)
    counter.now += 0.3
    assert admitted(counter, "portal", 9) == 3


def test_one_callers_requests_do_not_reduce_anothers_allowance() -> None:
    counter = Counter()
    admitted(counter, "flood", 10_000)
    assert admitted(counter, "portal", 9) == 3


@given(
    gaps=st.lists(st.floats(0, 2), max_size=80),
    per_second=st.integers(1, 1000),
    burst=st.integers(1, 50),
)
def test_no_time_window_admits_more_than_the_limit(gaps: list[float], per_second: int, burst: int) -> None:
    counter = Counter(per_second, burst)
    moments: list[float] = []
    for gap in gaps:
        counter.now += gap
        if counter.admits():
            moments.append(counter.now)
    for first, start in enumerate(moments):
        for last in range(first, len(moments)):
            assert last - first + 1 <= burst + (moments[last] - start) * per_second + 1e-3


def test_memory_is_bounded_for_any_number_of_callers() -> None:
    counter = Counter(max_callers=100)
    for number in range(10_000):
        assert counter.admits(f"caller {number}")
    assert len(counter.rates) <= 200


def test_an_active_caller_is_not_dropped_among_many() -> None:
    counter = Counter(max_callers=100)
    admitted_requests = 0
    for number in range(10_000):
        counter.admits(f"caller {number}")
        admitted_requests += counter.admits("flood")
    assert admitted_requests == 3
