"""Rows of batches that decide applications again: through every store, as single requests do."""

import csv
from collections.abc import Callable
from dataclasses import replace
from io import StringIO
from typing import Any
from uuid import UUID, uuid4

import pytest

from application.ports.batches.batches import BatchOutput
from application.ports.operations.dependencies import DependencyUnavailable
from domain.access.user import Actor, Role
from domain.batches.batch import Batch, BatchState
from domain.decisions.decision_record import DecisionRecord
from support.batches import BatchStore, OpenBatchStore, loans_as_csv
from support.builders import A_MOMENT, an_event
from support.loan_rows import varied_loans

pytestmark = pytest.mark.parametrize("open_batch_store", ["memory", "postgres"], indirect=True)
ROWS = 6
AGAIN = {"loan_amnt": "4321", "supersedes_reason": "correction"}


def loans(**changed: str) -> list[dict[str, str]]:
    """Applications with references; none decides an application again."""
    return [
        loan | {"application_reference": f"LN-{number}", "supersedes": "", "supersedes_reason": ""} | changed
        for number, loan in enumerate(varied_loans(ROWS))
    ]


async def submitted(store: BatchStore, rows: list[dict[str, str]], **options: Any) -> Batch:
    return await store.submit_file(loans_as_csv(rows), **options)


async def lines(store: BatchStore, batch: Batch, output: BatchOutput) -> list[dict[str, str]]:
    content = b"".join([part async for part in store.batches.output(batch.batch_id, output)])
    return list(csv.DictReader(StringIO(content.decode())))


async def decided(
    store: BatchStore, rows: list[dict[str, str]], **options: Any
) -> tuple[Batch, list[dict[str, str]], list[dict[str, str]]]:
    """The ended batch, its results and its errors."""
    batch = await submitted(store, rows, **options)
    ended = await store.worker(chunk_rows=4)(stopping=lambda: False)
    assert ended is not None
    return (
        ended,
        await lines(store, batch, BatchOutput.RESULTS),
        await lines(store, batch, BatchOutput.ERRORS),
    )


async def record_of(store: BatchStore, row: dict[str, str]) -> DecisionRecord:
    found = await store.archive.find(UUID(row["decision_id"]))
    assert isinstance(found, DecisionRecord)
    return found


def superseding(rows: list[dict[str, str]], results: list[dict[str, str]], *places: int) -> list[dict[str, str]]:
    """The rows, of which some decide the applications of earlier results again."""
    return [
        row | AGAIN | {"supersedes": results[place]["decision_id"]} if place in places else row
        for place, row in enumerate(rows)
    ]


async def test_rows_supersede_decisions_and_all_results_keep_their_order(open_batch_store: OpenBatchStore) -> None:
    store = open_batch_store(15.0)
    _, first, _ = await decided(store, loans())
    corrected = superseding(loans(), first, 1, 2, 5)
    ended, results, errors = await decided(store, corrected)
    assert errors == []
    assert [row["row"] for row in results] == [str(number) for number in range(1, ROWS + 1)]
    assert ended.progress.rows_read == ROWS
    assert ended.progress.rows_decided == ROWS
    for place, (before, after) in enumerate(zip(first, results, strict=True)):
        record = await record_of(store, after)
        if place in {1, 2, 5}:
            assert (str(record.supersedes), record.application.terms.amount.dollars) == (
                before["decision_id"],
                4321,
            )
            assert after["application_reference"] == f"LN-{place}"
        else:
            assert after["decision_id"] == before["decision_id"]
    again, repeated, errors = await decided(store, corrected)
    assert (repeated, errors, again.progress) == (results, [], ended.progress)
    assert await store.on_record() == ROWS + 3


async def test_rows_that_may_not_supersede_are_refused_in_their_places(open_batch_store: OpenBatchStore) -> None:
    store = open_batch_store(15.0)
    _, first, _ = await decided(store, loans())
    _, second, _ = await decided(store, superseding(loans(), first, 1))
    rows = superseding(loans(), first, 0, 1, 2, 3, 4)
    rows[0]["loan_amnt"] = "much"
    rows[1]["loan_amnt"] = "5432"
    rows[2]["application_reference"] = "LN-900"
    rows[3]["supersedes_reason"] = ""
    rows[4]["supersedes"] = str(uuid4())
    ended, results, errors = await decided(store, rows)
    assert [(error["row"], error["line"], error["field"]) for error in errors] == [
        ("1", "2", "loan_amnt"),
        ("2", "3", "supersedes"),
        ("3", "4", "supersedes"),
        ("4", "5", "supersedes_reason"),
        ("5", "6", "supersedes"),
    ]
    assert second[1]["decision_id"] in errors[1]["reason"]
    assert "LN-2" in errors[2]["reason"]
    assert "is missing; allowed: one of correction" in errors[3]["reason"]
    assert f"there is no decision {rows[4]['supersedes']}" in errors[4]["reason"]
    assert errors[4]["value"] == rows[4]["supersedes"]
    assert [row["row"] for row in results] == ["6"]
    assert (ended.state, ended.progress.rows_read, ended.progress.rows_refused) == (BatchState.DONE, ROWS, 5)


@pytest.mark.parametrize("by", [Actor("other-portal", Role.SERVICE), Actor("rita", Role.RISK_MANAGER)])
async def test_who_could_not_supersede_it_alone_cannot_in_a_file(
    open_batch_store: OpenBatchStore, by: Actor
) -> None:
    store = open_batch_store(15.0)
    _, first, _ = await decided(store, loans()[:1])
    row = superseding(loans(source="desk"), first, 0)[:1]
    ended, _, errors = await decided(store, row, by=by)
    assert ended.state is BatchState.FAILED
    assert [error["field"] for error in errors] == ["supersedes"]
    assert "there is no decision" in errors[0]["reason"] or "may not assess" in errors[0]["reason"]
    assert await store.on_record() == 1


async def test_trial_runs_supersede_nothing(open_batch_store: OpenBatchStore) -> None:
    store = open_batch_store(15.0)
    _, first, _ = await decided(store, loans())
    _, results, errors = await decided(store, superseding(loans(), first, 1), trial=True)
    assert (len(results), errors) == (ROWS, [])
    assert (await record_of(store, results[1])).supersedes is None


async def test_a_case_on_a_superseded_decision_is_withdrawn(open_batch_store: OpenBatchStore) -> None:
    store = open_batch_store(15.0)
    rows = loans(bureau_status="frozen")
    _, first, _ = await decided(store, rows)
    referred = next(place for place, row in enumerate(first) if row["outcome"] == "referred")
    await decided(store, superseding(loans(bureau_status="found"), first, referred))
    assert store.supersede is not None
    case = await store.supersede.cases.find(UUID(first[referred]["decision_id"]))
    assert case is not None
    assert case.state.value == "withdrawn"


async def test_a_row_that_a_lost_worker_recorded_gets_the_decision_of_then(
    open_batch_store: OpenBatchStore,
) -> None:
    store = open_batch_store(15.0)
    _, first, _ = await decided(store, loans())
    batch = await submitted(store, superseding(loans(), first, 0, 1, 2))
    assert store.supersede is not None
    lost = replace(store, supersede=Failing(store.supersede, fails_at=3))
    with pytest.raises(DependencyUnavailable):
        await replace(lost.worker(chunk_rows=4), retry_delay_seconds=0)(stopping=lambda: False)
    assert await store.on_record() == ROWS + 2
    ended = await store.worker(chunk_rows=4)(stopping=lambda: False)
    assert ended is not None
    results = await lines(store, batch, BatchOutput.RESULTS)
    assert await store.on_record() == ROWS + 3
    assert len({row["decision_id"] for row in results}) == ROWS
    assert ended.progress.rows_read == ROWS


async def test_a_worker_that_is_stopped_or_lost_its_lease_supersedes_no_more_rows(
    open_batch_store: OpenBatchStore,
) -> None:
    store = open_batch_store(15.0)
    _, first, _ = await decided(store, loans())
    batch = await submitted(store, superseding(loans(), first, 0, 1, 2))
    answers = iter([False, False, True])
    stopped = await store.worker(chunk_rows=10)(stopping=lambda: next(answers))
    assert stopped is not None
    assert stopped.state is BatchState.QUEUED
    assert await store.on_record() == ROWS + 1
    assert store.supersede is not None

    async def cancel() -> None:
        await store.batches.cancel(batch.batch_id, an_event(at=A_MOMENT))

    cancelling = replace(store, supersede=Failing(store.supersede, fails_at=2, then=cancel))
    await cancelling.worker(chunk_rows=10)(stopping=lambda: False)
    assert await store.on_record() == ROWS + 2


class Failing:
    """Records superseding decisions until one of them, at which it fails, or does something else."""

    def __init__(self, real: Any, *, fails_at: int, then: Callable[[], Any] | None = None) -> None:
        self._real, self._left, self._then = real, fails_at, then

    async def __call__(self, record: DecisionRecord) -> Any:
        self._left -= 1
        if not self._left and self._then is None:
            raise DependencyUnavailable("the connection was lost")
        recorded = await self._real(record)
        if not self._left and self._then is not None:
            await self._then()
        return recorded


async def test_a_request_that_a_file_repeats_within_a_chunk_gets_the_first_decision(
    open_batch_store: OpenBatchStore,
) -> None:
    store = open_batch_store(15.0)
    rows = loans()
    twice = [*rows[:3], dict(rows[1]), dict(rows[1]), *rows[3:], dict(rows[0])]
    ended, results, errors = await decided(store, twice)
    assert errors == []
    assert [row["row"] for row in results] == [str(number) for number in range(1, ROWS + 4)]
    identifiers = [row["decision_id"] for row in results]
    assert identifiers[1] == identifiers[3] == identifiers[4]
    assert identifiers[0] == identifiers[-1]
    assert {key: results[1][key] for key in results[1] if key != "row"} == {
        key: results[3][key] for key in results[3] if key != "row"
    }
    assert ended.progress.rows_decided == ended.progress.rows_read == ROWS + 3
    assert await store.on_record() == ROWS
    again, repeated, errors = await decided(store, twice)
    assert (repeated, errors, again.progress) == (results, [], ended.progress)


async def test_a_repeated_row_of_a_partly_known_file_gets_its_decision(open_batch_store: OpenBatchStore) -> None:
    store = open_batch_store(15.0)
    rows = loans()
    _, first, _ = await decided(store, rows[:1])
    changed = dict(rows[0]) | {"loan_amnt": "4321"}
    other = dict(rows[2]) | {"loan_amnt": "4321"}
    _, results, errors = await decided(store, [changed, dict(rows[0]), rows[2], other, dict(rows[2])])
    assert [(error["row"], error["field"]) for error in errors] == [
        ("1", "application_reference"),
        ("4", "application_reference"),
    ]
    assert "repeated in this file" in errors[1]["reason"]
    assert [row["row"] for row in results] == ["2", "3", "5"]
    assert results[0]["decision_id"] == first[0]["decision_id"]
    assert results[1]["decision_id"] == results[2]["decision_id"]
    assert await store.on_record() == 2
