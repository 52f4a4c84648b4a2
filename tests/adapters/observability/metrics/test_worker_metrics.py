"""Several workers tell their metrics as one, whoever has just ended, begun, or hangs."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from adapters.observability.metrics.metrics import Metrics
from adapters.observability.metrics.worker_metrics import WorkerMetrics

Samples = dict[tuple[str, tuple[tuple[str, str], ...]], float]
Hire = Callable[[Metrics], WorkerMetrics]


@pytest.fixture
def hire(tmp_path: Path) -> Hire:
    """One more worker, who has counted this."""
    return lambda metrics: WorkerMetrics(tmp_path, metrics.exposition, patience=0.2)


@asynccontextmanager
async def at_work(*workers: WorkerMetrics) -> AsyncIterator[None]:
    async with AsyncExitStack() as stack:
        for worker in workers:
            await worker.open()
            stack.push_async_callback(worker.close)
        yield


def having_decided(times: int) -> Metrics:
    metrics = Metrics()
    metrics.decided(outcome="approved", channel="api", times=times)
    metrics.answered(route="/a", method="GET", status=200, seconds=0.003)
    return metrics


async def told_by(worker: WorkerMetrics) -> Samples:
    text, media_type = await worker.exposition()
    assert media_type.startswith("text/plain")
    families = list(text_string_to_metric_families(text.decode()))
    assert len({family.name for family in families}) == len(families)
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in families
        for sample in family.samples
    }


def decided(told: Samples) -> dict[str, float]:
    """By each worker."""
    name = "scoring_decisions_total"
    return {dict(labels)["worker"]: value for (series, labels), value in told.items() if series == name}


async def test_whoever_is_asked_speaks_for_all(hire: Hire) -> None:
    first, second = hire(having_decided(3)), hire(having_decided(5))
    async with at_work(first, second):
        for worker in (first, second):
            told = await told_by(worker)
            assert decided(told) == {"1": 3, "2": 5}
            assert told["scoring_workers_heard", ()] == 2
            assert told["scoring_requests_in_progress", (("worker", "2"),)] == 0
            bucket = (("le", "0.005"), ("method", "GET"), ("route", "/a"), ("status", "2xx"), ("worker", "1"))
            assert told["scoring_request_seconds_bucket", bucket] == 1


async def test_a_successor_takes_the_number_that_is_free(hire: Hire) -> None:
    first, second, third = (hire(having_decided(times)) for times in (3, 5, 7))
    await first.open()
    async with at_work(second):
        await first.close()
        assert decided(await told_by(second)) == {"2": 5}
        async with at_work(third):
            assert decided(await told_by(second)) == {"1": 7, "2": 5}


async def test_one_that_was_killed_or_hangs_is_left_out(hire: Hire, tmp_path: Path) -> None:
    async def say_nothing(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    async with at_work(worker := hire(having_decided(3))):
        (tmp_path / "7.socket").touch()  # left by one that was killed
        hanging = await asyncio.start_unix_server(say_nothing, tmp_path / "8.socket")
        told = await told_by(worker)
        assert decided(told) == {"1": 3}
        assert told["scoring_workers_heard", ()] == 1
        hanging.close()
