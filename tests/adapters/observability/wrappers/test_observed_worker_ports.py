"""A worker's batches, rows and webhooks are counted once they are recorded."""

from datetime import timedelta

import pytest
from prometheus_client.parser import text_string_to_metric_families

from adapters.observability.metrics.metrics import Metrics
from adapters.observability.wrappers.observed_worker_ports import ObservedBatchWork, ObservedOutbox
from support.batches import BatchStore, loans_as_csv
from support.builders import an_event
from support.loan_rows import LOAN, varied_loans
from support.memory.batches import MemoryBatches
from support.memory.decisions import MemoryDecisions

LEASE = timedelta(minutes=1)


class MeasuredWorker:
    """A batch worker with metrics."""

    def __init__(self) -> None:
        self.metrics = Metrics()
        decisions = MemoryDecisions()
        self.batches = MemoryBatches(decisions, lease_seconds=15.0)
        work = ObservedBatchWork(self.batches, self.metrics)
        self.batch_store = BatchStore(self.batches, work, decisions, decisions)
        self.outbox = ObservedOutbox(self.batches.outbox, self.metrics.batches)

    def __getitem__(self, series: str) -> float:
        """Return the sum of a metric's samples: `name`, or `name{value}` for samples with this label value."""
        name, _, value = series.rstrip("}").partition("{")
        families = text_string_to_metric_families(self.metrics.exposition()[0].decode())
        samples = [sample for family in families for sample in family.samples if sample.name == name]
        return sum(sample.value for sample in samples if not value or value in sample.labels.values())


@pytest.fixture
def worker() -> MeasuredWorker:
    return MeasuredWorker()


async def test_finished_batches_and_their_rows_are_counted(worker: MeasuredWorker) -> None:
    rows = [*varied_loans(249), LOAN | {"dti": "much"}]
    await worker.batch_store.submit_file(loans_as_csv(rows))
    await worker.batch_store.worker(chunk_rows=100)(stopping=lambda: False)
    await worker.batch_store.submit_file(b"no such columns\n1\n")
    await worker.batch_store.worker()(stopping=lambda: False)
    assert worker["scoring_batches_finished_total{done}"] == 1
    assert worker["scoring_batches_finished_total{failed}"] == 1
    assert worker["scoring_batch_duration_seconds_count"] == 2
    assert worker["scoring_batch_rows_total{rejected}"] == 1
    assert worker["scoring_batch_rows_total"] == 250
    assert worker["scoring_decisions_total{batch}"] == 249
    for outcome in ("approved", "declined"):
        rows = worker[f"scoring_batch_rows_total{{{outcome}}}"]
        assert rows == worker[f"scoring_decisions_total{{{outcome}}}"] > 0


async def test_each_worker_counts_the_rows_that_it_recorded(worker: MeasuredWorker) -> None:
    await worker.batch_store.submit_file()
    stops = iter([False, True])
    await worker.batch_store.worker(chunk_rows=100)(stopping=lambda: next(stops))
    assert worker["scoring_batch_rows_total"] == 100
    assert worker["scoring_batches_finished_total"] == 0
    await worker.batch_store.worker(chunk_rows=100)(stopping=lambda: False)
    assert worker["scoring_batch_rows_total"] == 250


async def test_webhook_deliveries_are_counted_by_result(worker: MeasuredWorker) -> None:
    for _ in range(3):
        batch = await worker.batch_store.submit_file(webhook_url="https://portal.example/webhook")
        await worker.batches.cancel(batch.batch_id, an_event())
    for result in ("delivered", "failed", "dead"):
        message = await worker.outbox.lease_next(duration=LEASE)
        assert message is not None
        if result == "delivered":
            await worker.outbox.mark_delivered(message.delivery_id)
        else:
            retry_in = LEASE if result == "failed" else None
            await worker.outbox.mark_failed(message.delivery_id, "down", retry_in=retry_in)
        assert worker[f"scoring_webhook_deliveries_total{{{result}}}"] == 1
    assert worker["scoring_webhook_deliveries_total{batch.cancelled}"] == 3
