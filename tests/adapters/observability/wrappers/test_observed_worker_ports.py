"""What a worker does is counted once it is on record."""

from datetime import timedelta

import pytest
from prometheus_client.parser import text_string_to_metric_families

from adapters.observability.metrics.batch_metrics import BatchMetrics
from adapters.observability.metrics.metrics import Metrics
from adapters.observability.wrappers.observed_worker_ports import ObservedBatchWork, ObservedOutbox
from support.batches import BatchRoom, loans_as_csv
from support.builders import an_event
from support.loan_rows import LOAN, varied_loans
from support.memory.batches import MemoryBatches
from support.memory.decisions import MemoryDecisions

HOLD = timedelta(minutes=1)


class Counted:
    """A room whose work is counted."""

    def __init__(self) -> None:
        self.metrics = Metrics()
        self.figures = BatchMetrics(self.metrics.registry)
        decisions = MemoryDecisions()
        self.batches = MemoryBatches(decisions, lease_seconds=15.0)
        work = ObservedBatchWork(self.batches, self.figures, self.metrics)
        self.room = BatchRoom(self.batches, work, decisions, decisions)
        self.outbox = ObservedOutbox(self.batches.outbox, self.figures)

    def __getitem__(self, series: str) -> float:
        """The sum over a series, as it is told: `name` or `name{label}` of a single label's value."""
        name, _, value = series.rstrip("}").partition("{")
        families = text_string_to_metric_families(self.metrics.exposition()[0].decode())
        samples = [sample for family in families for sample in family.samples if sample.name == name]
        return sum(sample.value for sample in samples if not value or value in sample.labels.values())


@pytest.fixture
def counted() -> Counted:
    return Counted()


async def test_batches_and_their_rows(counted: Counted) -> None:
    rows = [*varied_loans(249), LOAN | {"dti": "much"}]
    await counted.room.hand_in(loans_as_csv(rows))
    await counted.room.worker(chunk_rows=100)(stopping=lambda: False)
    await counted.room.hand_in(b"no such columns\n1\n")
    await counted.room.worker()(stopping=lambda: False)
    assert counted["scoring_batches_finished_total{done}"] == 1
    assert counted["scoring_batches_finished_total{failed}"] == 1
    assert counted["scoring_batch_duration_seconds_count"] == 2
    assert counted["scoring_batch_rows_total{rejected}"] == 1
    assert counted["scoring_batch_rows_total"] == 250
    assert counted["scoring_decisions_total{batch}"] == 249
    for outcome in ("approved", "declined"):
        rows = counted[f"scoring_batch_rows_total{{{outcome}}}"]
        assert rows == counted[f"scoring_decisions_total{{{outcome}}}"] > 0


async def test_what_is_taken_over_by_another_is_counted_by_whoever_did_it(counted: Counted) -> None:
    await counted.room.hand_in()
    stops = iter([False, True])
    await counted.room.worker(chunk_rows=100)(stopping=lambda: next(stops))
    assert counted["scoring_batch_rows_total"] == 100
    assert counted["scoring_batches_finished_total"] == 0
    await counted.room.worker(chunk_rows=100)(stopping=lambda: False)
    assert counted["scoring_batch_rows_total"] == 250


async def test_messages(counted: Counted) -> None:
    for _ in range(3):
        batch = await counted.room.hand_in(webhook_url="https://portal.example/told")
        await counted.batches.cancel(batch.batch_id, an_event())
    for fate in ("delivered", "failed", "dead"):
        message = await counted.outbox.lease_next(duration=HOLD)
        assert message is not None
        if fate == "delivered":
            await counted.outbox.mark_delivered(message.delivery_id)
        else:
            retry_in = HOLD if fate == "failed" else None
            await counted.outbox.mark_failed(message.delivery_id, "down", retry_in=retry_in)
        assert counted[f"scoring_webhook_deliveries_total{{{fate}}}"] == 1
    await counted.outbox.pending_count()
    assert counted["scoring_outbox_pending_messages"] == 1
