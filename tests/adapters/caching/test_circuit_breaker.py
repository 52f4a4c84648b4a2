"""When the breaker lets a question through."""

from adapters.caching.circuit_breaker import BreakerState, CircuitBreaker


class Seconds:
    """A monotonic clock that is moved by hand."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def opened(seconds: Seconds) -> CircuitBreaker:
    breaker = CircuitBreaker(failures=3, pause=5.0, now=seconds)
    for _ in range(3):
        assert breaker.allows()
        breaker.failed()
    return breaker


def test_it_opens_after_three_failures_in_a_row() -> None:
    breaker = opened(Seconds())
    assert not breaker.allows()
    assert breaker.state is BreakerState.OPEN


def test_a_success_between_failures_starts_the_count_anew() -> None:
    breaker = CircuitBreaker(failures=3)
    for _ in range(5):
        breaker.failed()
        breaker.failed()
        breaker.succeeded()
    assert breaker.allows()


def test_after_the_pause_one_question_is_let_through_and_no_other() -> None:
    seconds = Seconds()
    breaker = opened(seconds)
    seconds.now += 4.9
    assert not breaker.allows()
    seconds.now += 0.1
    assert breaker.allows()
    assert breaker.state is BreakerState.PROBING
    assert not breaker.allows()


def test_the_probe_settles_whether_it_closes() -> None:
    seconds = Seconds()
    breaker = opened(seconds)
    seconds.now += 5
    assert breaker.allows()
    breaker.failed()
    assert not breaker.allows()
    seconds.now += 5
    assert breaker.allows()
    breaker.succeeded()
    assert breaker.state is BreakerState.CLOSED
    assert breaker.allows()
    assert breaker.allows()
