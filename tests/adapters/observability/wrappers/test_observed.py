"""Use cases and ports under observation behave as before, and are counted and timed."""

import asyncio
import io
from collections.abc import Callable
from time import perf_counter
from typing import Any

import pytest

from adapters.observability.observability import Observability
from application.ports.decisions.decision_archive import DecisionFilter
from application.ports.decisions.decision_ledger import AlreadyRecorded, LedgerUnavailable
from application.ports.decisions.idempotency import Claim
from application.ports.models.credit_model import ModelVersion
from application.use_cases.decisions.read_decisions import DecisionNotFound, ReadDecision
from domain.models.characteristics import Characteristics
from domain.policies.outcome import Outcome
from support.builders import a_decision, a_decision_record, a_loan_application, a_prediction, an_actor
from support.memory.decisions import MemoryDecisions
from support.memory.predictions import MemoryPredictionCache

Start = Callable[..., Observability]
Lines = Callable[[], list[dict[str, Any]]]


class Counted:
    """A use case of each tempo, with an attribute."""

    policy = "version 1"

    async def __call__(self, number: int, *, by: str) -> str:
        """What was asked."""
        return f"{number} {by}"


def shown(observability: Observability) -> str:
    return observability.metrics.exposition()[0].decode()


async def test_an_observed_use_case_is_called_as_before(start: Start) -> None:
    observability = start()
    counted = observability.observe(Counted(), "count")
    assert await counted(7, by="marta") == "7 marta"
    assert counted.policy == "version 1"
    assert "Counted" in repr(counted)
    assert 'scoring_call_duration_seconds_count{name="count"} 1.0' in shown(observability)


def test_a_synchronous_one_stays_synchronous(start: Start) -> None:
    observability = start()
    assert observability.observe(lambda token: token[::-1], "identify")("abc") == "cba"
    assert 'scoring_call_duration_seconds_count{name="identify"} 1.0' in shown(observability)


async def test_methods_can_be_observed_too(start: Start) -> None:
    ledger = MemoryDecisions()
    await start().observe(ledger.record, "record")(a_decision_record())
    assert (await ledger.page(a_filter(), limit=10)).total == 1


def a_filter() -> DecisionFilter:

    return DecisionFilter()


async def test_what_a_use_case_raises_is_raised_and_counted_by_type(start: Start) -> None:
    observability = start()
    read = observability.observe(ReadDecision(MemoryDecisions()), "read decision")
    with pytest.raises(DecisionNotFound):
        await read(a_decision_record().decision_id, by=an_actor())
    assert 'scoring_errors_total{type="DecisionNotFound",where="read decision"} 1.0' in shown(observability)

    def refuse() -> None:
        raise PermissionError

    with pytest.raises(PermissionError):
        observability.observe(refuse, "refuse")()
    assert 'scoring_errors_total{type="PermissionError",where="refuse"} 1.0' in shown(observability)


async def test_of_several_at_once_each_is_timed_and_each_failure_counted_by_type(start: Start) -> None:
    outcomes = ["a", PermissionError(), "b", PermissionError(), KeyError()]
    asked_of: list[Any] = []

    async def together(asked: Any) -> Any:
        asked_of.append(asked)
        return outcomes

    observability = start()
    assert await observability.observe_batch(together, "together")([1, 2, 3, 4, 5]) is outcomes
    assert asked_of == [[1, 2, 3, 4, 5]]
    assert 'scoring_call_duration_seconds_count{name="together"} 5.0' in shown(observability)
    assert 'scoring_errors_total{type="PermissionError",where="together"} 2.0' in shown(observability)
    assert 'scoring_errors_total{type="KeyError",where="together"} 1.0' in shown(observability)


async def test_of_several_at_once_each_is_timed_with_what_all_of_them_took(start: Start) -> None:
    async def together(asked: Any) -> Any:
        await asyncio.sleep(0.02)
        return asked

    observability = start()
    await observability.observe_batch(together, "together")([1, 2, 3])
    (line,) = (line for line in shown(observability).splitlines() if "call_duration_seconds_sum" in line)
    assert float(line.split()[-1]) >= 3 * 0.02


async def test_nobody_at_once_is_not_timed(start: Start) -> None:
    async def together(asked: Any) -> Any:
        return asked

    observability = start()
    assert await observability.observe_batch(together, "together")([]) == []
    assert 'name="together"} 1.0' not in shown(observability)


async def test_what_fails_for_several_at_once_is_raised_and_counted_once(start: Start) -> None:
    async def together(asked: Any) -> Any:
        raise ZeroDivisionError

    observability = start()
    with pytest.raises(ZeroDivisionError):
        await observability.observe_batch(together, "together")([1, 2, 3])
    assert 'scoring_errors_total{type="ZeroDivisionError",where="together"} 1.0' in shown(observability)


async def test_what_does_several_at_once_can_still_be_asked_for_its_attributes(start: Start) -> None:
    class Together:
        policy = "version 1"

        async def __call__(self, asked: Any) -> Any:
            return asked

    assert start().observe_batch(Together(), "together").policy == "version 1"


async def test_of_decisions_recorded_in_one_call_only_what_is_on_record_is_counted_and_once(start: Start) -> None:
    observability, decisions = start(), MemoryDecisions()
    ledger = observability.observe_ledger(decisions)
    on_record, claimed, claim = a_decision_record(), a_decision_record(), Claim("broker", "k-1", b"1" * 32)
    await decisions.record(on_record)
    recorded = await ledger.record_each(
        [(on_record, None), (claimed, claim), (a_decision_record(), claim), (a_decision_record(), None)]
    )
    assert isinstance(recorded[0], AlreadyRecorded)
    assert 'scoring_decisions_total{channel="api",outcome="referred"} 2.0' in shown(observability)
    assert 'scoring_call_duration_seconds_count{name="ledger.record"} 4.0' in shown(observability)
    assert 'scoring_errors_total{type="AlreadyRecorded",where="ledger.record"} 1.0' in shown(observability)


async def test_decisions_are_counted_by_outcome_and_channel_once_they_are_on_record(start: Start) -> None:
    observability, decisions = start(), MemoryDecisions()
    ledger = observability.observe_ledger(decisions)
    declined = a_decision(outcome=Outcome.DECLINED)
    await ledger.record(a_decision_record(channel="api", decision=declined))
    await ledger.record_all([a_decision_record(channel="file") for _ in range(5)])
    assert 'scoring_decisions_total{channel="api",outcome="declined"} 1.0' in shown(observability)
    assert 'scoring_decisions_total{channel="file",outcome="referred"} 5.0' in shown(observability)
    assert (await decisions.page(a_filter(), limit=10)).total == 6


async def test_a_decision_that_could_not_be_recorded_is_not_counted(start: Start) -> None:
    class Broken(MemoryDecisions):
        async def record_each(self, entries: Any) -> Any:
            return [LedgerUnavailable() for _ in entries]

    observability = start()
    with pytest.raises(LedgerUnavailable):
        await observability.observe_ledger(Broken()).record(a_decision_record())
    assert "scoring_decisions_total{" not in shown(observability)
    assert 'scoring_errors_total{type="LedgerUnavailable",where="ledger.record"} 1.0' in shown(observability)


async def test_an_observed_ledger_can_still_be_opened_and_closed(start: Start) -> None:
    class Opened(MemoryDecisions):
        opened = False

        async def open(self) -> None:
            self.opened = True

    ledger = Opened()
    observed: Any = start().observe_ledger(ledger)
    await observed.open()
    assert ledger.opened


async def test_an_observed_cache_remembers_and_is_timed(start: Start) -> None:
    observability = start()
    cache = observability.observe_cache(MemoryPredictionCache())
    model, somebody = ModelVersion("1", "ab"), Characteristics.of(a_loan_application())
    assert await cache.get(model, somebody) is None
    await cache.put(model, somebody, a_prediction())
    assert await cache.get(model, somebody) == a_prediction()
    assert 'scoring_call_duration_seconds_count{name="cache.get"} 2.0' in shown(observability)
    assert 'scoring_call_duration_seconds_count{name="cache.put"} 1.0' in shown(observability)


def test_a_caches_own_figures_are_read_with_the_metrics(start: Start) -> None:
    observability = start()
    figures = {"hits": 3.0, "misses": 1.0, "breaker": 0.0}
    observability.metrics.watch_cache("redis", lambda: figures)
    assert 'scoring_cache_events_total{cache="redis",event="hits"} 3.0' in shown(observability)
    figures["breaker"] = 1.0
    assert 'scoring_cache_breaker_state{cache="redis"} 1.0' in shown(observability)
    assert 'event="breaker"' not in shown(observability)


def test_the_ledger_can_tell_of_its_commits(start: Start) -> None:
    observability = start()
    observability.metrics.ledger_committed(17, 0.004)
    assert "scoring_ledger_commit_decisions_sum 17.0" in shown(observability)
    assert "scoring_ledger_commit_duration_seconds_sum 0.004" in shown(observability)


def test_versions_at_work_are_stated_and_change_with_the_model(start: Start) -> None:
    observability = start(model_version="2015.3", policy_version="1")
    assert 'scoring_build_info{model_version="2015.3",policy_version="1",version="1.2.3"} 1.0' in shown(
        observability
    )
    observability.metrics.set_versions(version="1.2.3", model_version="2016.1", policy_version="2")
    assert shown(observability).count("scoring_build_info{") == 1
    assert 'model_version="2016.1"' in shown(observability)


def test_the_process_and_its_memory_are_seen(start: Start) -> None:
    text, media_type = start().metrics.exposition()
    assert media_type.startswith("text/plain")
    for name in (b"process_resident_memory_bytes", b"python_gc_objects_collected_total", b"python_info"):
        assert name in text


def test_requests_answered_together_get_a_line_each_and_are_timed(start: Start, lines: Lines) -> None:
    observability = start()
    told = [(0.001, {"request_id": "1", "outcome": "approved"}), (0.2, {"request_id": "2"})]
    observability.answered_requests.answered_well(method="POST", route="/decide", status=200, each=told)
    assert [
        {name: line[name] for name in line.keys() - {"time"}} for line in lines() if line["event"] == "request"
    ] == [
        {
            "event": "request",
            "level": "info",
            "method": "POST",
            "route": "/decide",
            "status": 200,
            "duration_ms": 1.0,
            "request_id": "1",
            "outcome": "approved",
        },
        {
            "event": "request",
            "level": "info",
            "method": "POST",
            "route": "/decide",
            "status": 200,
            "duration_ms": 200.0,
            "request_id": "2",
        },
    ]
    assert 'scoring_request_duration_seconds_count{method="POST",route="/decide",status="2xx"} 2.0' in shown(
        observability
    )


@pytest.mark.parametrize(("style", "level"), [("console", "info"), ("json", "error")])
def test_requests_answered_together_are_told_as_the_log_is_set_up(
    start: Start, log: io.StringIO, style: str, level: str
) -> None:
    observability = start(log_format=style, log_level=level)
    told = [(0.001, {"request_id": "monday-17"})]
    observability.answered_requests.answered_well(method="POST", route="/decide", status=200, each=told)
    assert ("monday-17" in log.getvalue()) == (level == "info")


async def test_a_request_that_was_under_way_before_it_came_here_is_timed_from_its_beginning(
    start: Start, lines: Lines
) -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 503, "headers": []})

    async def send(_: Any) -> None:
        pass

    scope = {"type": "http", "method": "POST", "headers": [], "state": {"began": perf_counter() - 4.0}}
    await start().middleware(app)(scope, None, send)
    await asyncio.sleep(0)  # lines leave at the end of a turn
    (line,) = [line for line in lines() if line["event"] == "request"]
    assert 4000 <= line["duration_ms"] < 5000
