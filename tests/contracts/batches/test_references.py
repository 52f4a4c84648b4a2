"""References of applications in batches: through every store, one application has each."""

import asyncio
import csv
from io import StringIO

import polars as pl

from application.ports.batches.batches import BatchOutput
from application.ports.decisions.decision_archive import DecisionFilter
from domain.batches.batch import Batch, BatchState
from support.batches import BatchStore, OpenBatchStore, loans_as_csv
from support.loan_rows import varied_loans

ROWS = 60


def loans(first: int = 0, rows: int = ROWS) -> list[dict[str, str]]:
    """Applications with references, from a number on."""
    return [
        loan | {"application_reference": f"LN-{number}"} for number, loan in enumerate(varied_loans(rows), first)
    ]


async def decided(store: BatchStore, rows: list[dict[str, str]]) -> tuple[Batch, list[dict[str, str]], list[str]]:
    """The batch, its results, and its errors."""
    batch = await store.submit_file(loans_as_csv(rows))
    ended = await store.worker(chunk_rows=25)(stopping=lambda: False)
    assert ended is not None
    results = b"".join([part async for part in store.batches.output(batch.batch_id, BatchOutput.RESULTS)])
    errors = b"".join([part async for part in store.batches.output(batch.batch_id, BatchOutput.ERRORS)])
    found = list(csv.DictReader(StringIO(errors.decode())))
    assert {each["field"] for each in found} <= {"application_reference"}
    assert [int(each["line"]) for each in found] == [int(each["row"]) + 1 for each in found]  # after the header
    return ended, list(csv.DictReader(StringIO(results.decode()))), [each["reason"] for each in found]


async def test_a_file_submitted_again_gets_the_decisions_that_were_made(open_batch_store: OpenBatchStore) -> None:
    store = open_batch_store(15.0)
    first, results, _ = await decided(store, loans())
    again, repeated, errors = await decided(store, loans())
    assert repeated == results
    assert [int(each["row"]) for each in results] == list(range(1, ROWS + 1))
    assert errors == []
    assert again.progress == first.progress
    assert await store.on_record() == ROWS


async def test_rows_whose_reference_belongs_to_another_application_are_refused(
    open_batch_store: OpenBatchStore,
) -> None:
    store = open_batch_store(15.0)
    _, results, _ = await decided(store, loans())
    changed = loans()
    for row in (3, 40):
        changed[row]["loan_amnt"] = "4321"
    changed += [loan | {"application_reference": "LN-900"} for loan in loans(900, rows=2)]
    ended, repeated, errors = await decided(store, changed)
    assert ended.state is BatchState.DONE
    assert len(errors) == 3
    assert results[3]["decision_id"] in errors[0]
    assert results[40]["decision_id"] in errors[1]
    assert "repeated in this file" in errors[2]
    assert [each["row"] for each in repeated] == [str(row + 1) for row in range(ROWS + 1) if row not in {3, 40}]
    assert await store.on_record() == ROWS + 1
    assert ended.progress.rows_refused == 3


async def test_a_file_of_which_a_part_was_decided_before_is_completed(open_batch_store: OpenBatchStore) -> None:
    store = open_batch_store(15.0)
    await decided(store, loans()[10:30])
    _, results, errors = await decided(store, loans())
    assert errors == []
    assert len({each["decision_id"] for each in results}) == ROWS
    assert await store.on_record() == ROWS
    page = await store.archive.page(DecisionFilter(application_reference="LN-12"), limit=5)
    assert page.total == 1


async def test_trial_runs_neither_take_nor_find_references(open_batch_store: OpenBatchStore) -> None:
    store = open_batch_store(15.0)
    for _ in range(2):
        await store.submit_file(loans_as_csv(loans()), trial=True)
        ended = await store.worker()(stopping=lambda: False)
        assert ended is not None
        assert ended.progress.rows_refused == 0
    assert await store.on_record() == 2 * ROWS
    _, results, errors = await decided(store, loans())
    assert (len(results), errors) == (ROWS, [])


async def test_two_workers_with_the_same_file_decide_each_application_once(
    open_postgres_batch_store: OpenBatchStore,
) -> None:
    one, other = open_postgres_batch_store(15.0), open_postgres_batch_store(15.0)
    batches = [await one.submit_file(loans_as_csv(loans())) for _ in range(2)]
    await asyncio.gather(*(store.worker(chunk_rows=20)(stopping=lambda: False) for store in (one, other)))
    frames = []
    for batch in batches:
        parts = [part async for part in one.batches.output(batch.batch_id, BatchOutput.RESULTS)]
        frames.append(pl.read_csv(b"".join(parts))["decision_id"].to_list())
    assert frames[0] == frames[1]
    assert await one.on_record() == ROWS
