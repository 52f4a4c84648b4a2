"""Observed use cases and ports behave as before, and are counted and timed."""

import asyncio
import io
import platform
from collections.abc import Callable
from time import perf_counter
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families

from adapters.observability.observability import Observability
from adapters.observability.request_observer import AnsweredRequest
from application.ports.decisions.decision_archive import DecisionFilter
from application.ports.decisions.decision_ledger import AlreadyRecorded, LedgerUnavailable
from application.ports.decisions.idempotency import Claim
from application.ports.models.credit_model import ModelVersion
from application.use_cases.decisions.read_decisions import DecisionNotFound
from domain.policies.outcome import Outcome
from domain.products.personal_loan import PERSONAL_LOAN
from support.builders import a_decision, a_decision_record, a_loan_application, a_prediction, an_actor
from support.memory.case_use_cases import read_decision_over
from support.memory.decisions import MemoryDecisions
from support.memory.predictions import MemoryPredictionCache
from support.memory.versions import MemoryPolicies

Start = Callable[..., Observability]
Lines = Callable[[], list[dict[str, Any]]]


class Counted:
    """A use case with an attribute."""

    policy = "version 1"

    async def __call__(self, number: int, *, by: str) -> str:
        return f"{number} {by}"


def exposition(observability: Observability) -> str:
    return observability.metrics.exposition()[0].decode()


def decided(observability: Observability, **labels: str) -> float:
    """The decisions counted under these labels and any others."""
    families = text_string_to_metric_families(exposition(observability))
    samples = [
        sample for family in families for sample in family.samples if sample.name == "scoring_decisions_total"
    ]
    return sum(sample.value for sample in samples if labels.items() <= sample.labels.items())


async def test_an_observed_use_case_keeps_its_signature_and_attributes(start: Start) -> None:
    observability = start()
    observed = observability.observe(Counted(), "count")
    assert await observed(7, by="marta") == "7 marta"
    assert observed.policy == "version 1"
    assert "Counted" in repr(observed)
    assert 'scoring_call_duration_seconds_count{name="count"} 1.0' in exposition(observability)


def test_a_synchronous_use_case_stays_synchronous(start: Start) -> None:
    observability = start()
    assert observability.observe(lambda token: token[::-1], "identify")("abc") == "cba"
    assert 'scoring_call_duration_seconds_count{name="identify"} 1.0' in exposition(observability)


async def test_methods_can_be_observed(start: Start) -> None:
    ledger = MemoryDecisions()
    await start().observe(ledger.record, "record")(a_decision_record())
    assert (await ledger.page(a_filter(), limit=10)).total == 1


def a_filter() -> DecisionFilter:
    return DecisionFilter()


async def test_exceptions_are_counted_by_type_and_raised(start: Start) -> None:
    observability = start()
    read = observability.observe(read_decision_over(MemoryDecisions(), MemoryPolicies()), "read decision")
    with pytest.raises(DecisionNotFound):
        await read(a_decision_record().decision_id, by=an_actor())
    assert 'scoring_errors_total{type="DecisionNotFound",where="read decision"} 1.0' in exposition(observability)

    def refuse() -> None:
        raise PermissionError

    with pytest.raises(PermissionError):
        observability.observe(refuse, "refuse")()
    assert 'scoring_errors_total{type="PermissionError",where="refuse"} 1.0' in exposition(observability)


async def test_each_item_of_a_batch_is_timed_and_its_failure_counted(start: Start) -> None:
    outcomes = ["a", PermissionError(), "b", PermissionError(), KeyError()]
    batches: list[Any] = []

    async def decide_batch(items: Any) -> Any:
        batches.append(items)
        return outcomes

    observability = start()
    assert await observability.observe_batch(decide_batch, "batch")([1, 2, 3, 4, 5]) is outcomes
    assert batches == [[1, 2, 3, 4, 5]]
    assert 'scoring_call_duration_seconds_count{name="batch"} 5.0' in exposition(observability)
    assert 'scoring_errors_total{type="PermissionError",where="batch"} 2.0' in exposition(observability)
    assert 'scoring_errors_total{type="KeyError",where="batch"} 1.0' in exposition(observability)


async def test_each_item_of_a_batch_is_timed_with_the_batchs_duration(start: Start) -> None:
    async def decide_batch(items: Any) -> Any:
        await asyncio.sleep(0.02)
        return items

    observability = start()
    await observability.observe_batch(decide_batch, "batch")([1, 2, 3])
    (line,) = (line for line in exposition(observability).splitlines() if "call_duration_seconds_sum" in line)
    assert float(line.split()[-1]) >= 3 * 0.02


async def test_an_empty_batch_is_not_timed(start: Start) -> None:
    async def decide_batch(items: Any) -> Any:
        return items

    observability = start()
    assert await observability.observe_batch(decide_batch, "batch")([]) == []
    assert 'name="batch"} 1.0' not in exposition(observability)


async def test_the_failure_of_a_whole_batch_is_raised_and_counted_once(start: Start) -> None:
    async def decide_batch(items: Any) -> Any:
        raise ZeroDivisionError

    observability = start()
    with pytest.raises(ZeroDivisionError):
        await observability.observe_batch(decide_batch, "batch")([1, 2, 3])
    assert 'scoring_errors_total{type="ZeroDivisionError",where="batch"} 1.0' in exposition(observability)


async def test_an_observed_batch_use_case_keeps_its_attributes(start: Start) -> None:
    class DecideBatch:
        policy = "version 1"

        async def __call__(self, items: Any) -> Any:
            return items

    assert start().observe_batch(DecideBatch(), "batch").policy == "version 1"


async def test_recorded_decisions_are_counted_once_and_others_are_not(start: Start) -> None:
    observability, decisions = start(), MemoryDecisions()
    ledger = observability.observe_ledger(decisions)
    recorded_before, claimed, claim = a_decision_record(), a_decision_record(), Claim("broker", "k-1", b"1" * 32)
    await decisions.record(recorded_before)
    recorded = await ledger.record_each(
        [(recorded_before, None), (claimed, claim), (a_decision_record(), claim), (a_decision_record(), None)]
    )
    assert isinstance(recorded[0], AlreadyRecorded)
    assert decided(observability, channel="api", outcome="referred") == 2
    assert 'scoring_call_duration_seconds_count{name="ledger.record"} 4.0' in exposition(observability)
    assert 'scoring_errors_total{type="AlreadyRecorded",where="ledger.record"} 1.0' in exposition(observability)


async def test_decisions_are_counted_by_outcome_and_channel_once_recorded(start: Start) -> None:
    observability, decisions = start(), MemoryDecisions()
    ledger = observability.observe_ledger(decisions)
    declined = a_decision(outcome=Outcome.DECLINED)
    await ledger.record(a_decision_record(received_through="api", decision=declined))
    await ledger.record_all([a_decision_record(received_through="file") for _ in range(5)])
    assert decided(observability, channel="api", outcome="declined") == 1
    assert decided(observability, channel="file", outcome="referred") == 5
    assert (await decisions.page(a_filter(), limit=10)).total == 6


async def test_a_decision_that_could_not_be_recorded_is_not_counted(start: Start) -> None:
    class Broken(MemoryDecisions):
        async def record_each(self, entries: Any) -> Any:
            return [LedgerUnavailable() for _ in entries]

    observability = start()
    with pytest.raises(LedgerUnavailable):
        await observability.observe_ledger(Broken()).record(a_decision_record())
    assert "scoring_decisions_total{" not in exposition(observability)
    assert 'scoring_errors_total{type="LedgerUnavailable",where="ledger.record"} 1.0' in exposition(observability)


async def test_an_observed_ledger_can_be_opened_and_closed(start: Start) -> None:
    class Opened(MemoryDecisions):
        opened = False

        async def open(self) -> None:
            self.opened = True

    ledger = Opened()
    observed: Any = start().observe_ledger(ledger)
    await observed.open()
    assert ledger.opened


async def test_an_observed_cache_works_and_is_timed(start: Start) -> None:
    observability = start()
    cache = observability.observe_cache(MemoryPredictionCache())
    model, applicant = ModelVersion("1", "ab"), PERSONAL_LOAN.characteristics_of(a_loan_application())
    assert await cache.get(model, applicant) is None
    await cache.put(model, applicant, a_prediction())
    assert await cache.get(model, applicant) == a_prediction()
    assert 'scoring_call_duration_seconds_count{name="cache.get"} 2.0' in exposition(observability)
    assert 'scoring_call_duration_seconds_count{name="cache.put"} 1.0' in exposition(observability)


def test_the_counts_of_a_cache_are_read_with_the_metrics(start: Start) -> None:
    observability = start()
    counts = {"hits": 3.0, "misses": 1.0, "breaker": 0.0}
    observability.metrics.caches.watch("redis", lambda: counts)
    assert 'scoring_cache_events_total{cache="redis",event="hits"} 3.0' in exposition(observability)
    counts["breaker"] = 1.0
    assert 'scoring_cache_breaker_state{cache="redis"} 1.0' in exposition(observability)
    assert 'event="breaker"' not in exposition(observability)


def test_group_commits_are_measured(start: Start) -> None:
    observability = start()
    observability.metrics.ledger.committed([0.002] * 17, 0.004)
    assert "scoring_ledger_commit_decisions_sum 17.0" in exposition(observability)
    assert "scoring_ledger_commit_duration_seconds_sum 0.004" in exposition(observability)
    assert "scoring_ledger_wait_seconds_count 17.0" in exposition(observability)


def test_the_versions_in_use_are_exposed_and_follow_model_and_policy(start: Start) -> None:
    in_force = ["1"]
    observability = start(model_version="2015.3", policy_version=lambda: in_force[-1])
    (line,) = [line for line in exposition(observability).splitlines() if line.startswith("scoring_build_info{")]
    python = platform.python_version()
    versions = f'model_version="2015.3",policy_version="1",python_version="{python}",version="1.2.3"'
    assert line == f"scoring_build_info{{{versions}}} 1.0"
    in_force.append("2")
    assert 'policy_version="2"' in exposition(observability)
    observability.metrics.process.set_versions(version="1.2.3", model_version="2016.1")
    assert exposition(observability).count("scoring_build_info{") == 1
    assert 'model_version="2016.1"' in exposition(observability)


def test_process_metrics_are_exposed(start: Start) -> None:
    text, media_type = start().metrics.exposition()
    assert media_type.startswith("text/plain")
    for name in (b"process_resident_memory_bytes", b"python_gc_objects_collected_total", b"python_info"):
        assert name in text


def answer_batch(observability: Observability, *requests: tuple[float, dict[str, str]]) -> None:
    """Record requests with these facts that arrived this number of seconds ago."""
    answered = [AnsweredRequest(perf_counter() - seconds, None, facts) for seconds, facts in requests]
    observability.request_log.answered_batch(
        method="POST", route="/decide", status=200, requests=answered, trace=None
    )


def test_each_request_of_a_batch_is_logged_and_timed(start: Start, lines: Lines) -> None:
    observability = start()
    answer_batch(observability, (0.001, {"request_id": "1", "outcome": "approved"}), (0.2, {"request_id": "2"}))
    first, second = [line for line in lines() if line["event"] == "request"]
    assert 1.0 <= first.pop("duration_ms") < 100 <= second.pop("duration_ms") < 1000
    same = {"event": "request", "level": "info", "method": "POST", "route": "/decide", "status": 200}
    assert {name: first[name] for name in first.keys() - {"time"}} == same | {
        "request_id": "1",
        "outcome": "approved",
    }
    assert {name: second[name] for name in second.keys() - {"time"}} == same | {"request_id": "2"}
    assert 'scoring_request_duration_seconds_count{method="POST",route="/decide",status="2xx"} 2.0' in exposition(
        observability
    )


@pytest.mark.parametrize(("style", "level"), [("console", "info"), ("json", "error")])
def test_a_batch_is_logged_in_the_configured_format_and_level(
    start: Start, log: io.StringIO, style: str, level: str
) -> None:
    answer_batch(start(log_format=style, log_level=level), (0.001, {"request_id": "monday-17"}))
    assert ("monday-17" in log.getvalue()) == (level == "info")


async def test_a_request_passed_on_later_is_timed_from_its_arrival(start: Start, lines: Lines) -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 503, "headers": []})

    async def send(_: Any) -> None:
        pass

    scope = {"type": "http", "method": "POST", "headers": [], "state": {"began": perf_counter() - 4.0}}
    await start().middleware(app)(scope, None, send)
    (line,) = [line for line in lines() if line["event"] == "request"]
    assert 4000 <= line["duration_ms"] < 5000
