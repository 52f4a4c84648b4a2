"""When the circuit breaker allows a call."""

from adapters.caching.circuit_breaker import BreakerState, CircuitBreaker


class ManualClock:
    """A monotonic clock that is moved by hand."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def open_breaker(clock: ManualClock) -> CircuitBreaker:
    breaker = CircuitBreaker(failures=3, pause=5.0, now=clock)
    for _ in range(3):
        assert breaker.allows_call()
        breaker.failed()
    return breaker


def test_it_opens_after_three_failures_in_a_row() -> None:
    breaker = open_breaker(ManualClock())
    assert not breaker.allows_call()
    assert breaker.state is BreakerState.OPEN


def test_a_success_resets_the_count_of_failures() -> None:
    breaker = CircuitBreaker(failures=3)
    for _ in range(5):
        breaker.failed()
        breaker.failed()
        breaker.succeeded()
    assert breaker.allows_call()


def test_one_trial_call_is_allowed_after_the_pause() -> None:
    clock = ManualClock()
    breaker = open_breaker(clock)
    clock.now += 4.9
    assert not breaker.allows_call()
    clock.now += 0.1
    assert breaker.allows_call()
    assert breaker.state is BreakerState.HALF_OPEN
    assert not breaker.allows_call()


def test_the_trial_call_decides_whether_it_closes() -> None:
    clock = ManualClock()
    breaker = open_breaker(clock)
    clock.now += 5
    assert breaker.allows_call()
    breaker.failed()
    assert not breaker.allows_call()
    clock.now += 5
    assert breaker.allows_call()
    breaker.succeeded()
    assert breaker.state is BreakerState.CLOSED
    assert breaker.allows_call()
    assert breaker.allows_call()


def test_a_cancelled_trial_call_makes_way_for_another() -> None:
    clock = ManualClock()
    breaker = open_breaker(clock)
    clock.now += 5
    assert breaker.allows_call()
    breaker.cancelled()
    assert breaker.allows_call()
    assert breaker.state is BreakerState.HALF_OPEN
