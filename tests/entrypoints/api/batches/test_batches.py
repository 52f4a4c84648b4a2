"""Batches over HTTP: handed in, followed, cancelled, and their results fetched."""

import asyncio
from collections.abc import Iterator
from datetime import datetime, timedelta
from uuid import uuid4

import polars as pl
import pytest

from adapters.messaging.signatures import RecipientSecrets
from application.ports.batches.batch_content import MAX_BATCH_BYTES
from application.use_cases.batches.decide_next_batch import DecideNextBatch
from domain.access.user import Role
from support.batches import SOME_LOANS, BatchRoom, loans_as_csv
from support.loan_rows import LOAN, varied_loans

PATH = "/api/v1/batches"
CSV = {"Content-Type": "text/csv"}


@pytest.fixture
def hand_in(service):
    def post(content=SOME_LOANS, *, role=Role.SERVICE, query="", **headers):
        return service.client.post(PATH + query, content=content, headers=service.as_(role) | CSV | headers)

    return post


@pytest.fixture
def work(service):
    """Let a worker do everything there is."""
    worker: DecideNextBatch = BatchRoom(
        service.batches, service.batches, service.decisions, service.decisions
    ).worker()

    def run() -> None:
        while asyncio.run(worker(stopping=lambda: False)) is not None:
            pass

    return run


def test_a_file_is_handed_in_decided_and_its_results_are_fetched(service, hand_in, work):
    loans = [*varied_loans(150), LOAN | {"dti": "much"}]
    accepted = hand_in(loans_as_csv(loans), query="?name=monday.csv")
    assert accepted.status_code == 202
    batch = accepted.json()
    where = accepted.headers["location"]
    assert where == f"{PATH}/{batch['batch_id']}"
    assert (batch["state"], batch["name"], batch["requested_by"]) == ("queued", "monday.csv", "broker")
    assert batch["progress"]["rows_read"] == 0
    work()
    done = service.get(where).json()
    assert (done["state"], done["fault"]) == ("done", None)
    progress = done["progress"]
    assert (progress["rows_read"], progress["rows_refused"], progress["share_done"]) == (151, 1, 1.0)
    assert sum(progress[outcome] for outcome in ("approved", "referred", "declined")) == 150
    assert datetime.fromisoformat(done["finished_at"]) >= datetime.fromisoformat(done["submitted_at"])
    results = service.get(f"{where}/results")
    assert results.headers["content-type"].startswith("text/csv")
    assert f'filename="{batch["batch_id"]}-results.csv"' in results.headers["content-disposition"]
    table = pl.read_csv(results.content)
    assert table["row"].to_list() == list(range(1, 151))
    decision = service.get(f"/api/v1/decisions/{table['decision_id'][7]}").json()
    assert decision["prediction"]["probability_of_default"] == table["probability_of_default"][7]
    assert (decision["channel"], decision["requested_by"]) == ("batch", "broker")
    errors = service.get(f"{where}/errors").text
    assert errors.splitlines() == [
        "row,line,field,value,reason",
        "151,152,dti,much,is not a number; allowed: a number from 0 to 999",
    ]


def test_parquet_and_gzip_are_taken_too(service, hand_in, work, tmp_path):
    pl.read_csv(SOME_LOANS).write_parquet(tmp_path / "loans.parquet")
    kind = {"Content-Type": "application/vnd.apache.parquet"}
    where = hand_in((tmp_path / "loans.parquet").read_bytes(), **kind).headers["location"]
    work()
    assert service.get(where).json()["state"] == "done"


def test_results_are_not_given_before_the_end(service, hand_in, problem):
    where = hand_in().headers["location"]
    told = problem(service.get(f"{where}/results"), 409)
    assert told["type"].endswith("batch-not-ended")


def test_a_batch_is_cancelled_once(service, hand_in, problem, work):
    where = hand_in().headers["location"]
    cancel = f"{where}/cancel"
    assert service.client.post(cancel, headers=service.as_(Role.SERVICE)).json()["state"] == "cancelled"
    told = problem(service.client.post(cancel, headers=service.as_(Role.SERVICE)), 409)
    assert told["type"].endswith("batch-ended")
    work()
    assert service.get(where).json()["state"] == "cancelled"
    assert service.get(f"{where}/results").content == b""


def test_a_file_that_cannot_be_read_says_why(service, hand_in, work):
    where = hand_in(b"a,b\n1,2\n").headers["location"]
    work()
    failed = service.get(where).json()
    assert failed["state"] == "failed"
    assert failed["fault"].startswith("the file: required columns are missing: annual_inc")


def test_batches_are_listed_newest_first_in_pages(service, hand_in):
    for name in ("first", "second", "third"):
        hand_in(query=f"?name={name}")
        asyncio.run(asyncio.sleep(0.002))
    page = service.get(f"{PATH}?limit=2").json()
    assert [batch["name"] for batch in page["batches"]] == ["third", "second"]
    rest = service.get(f"{PATH}?limit=2&before={page['next_before']}").json()
    assert [batch["name"] for batch in rest["batches"]] == ["first"]
    assert service.get(f"{PATH}?limit=2&cursor={page['next_cursor']}").json() == rest
    assert rest["next_before"] is None


def test_the_same_key_gives_the_same_batch_and_another_file_is_refused(service, hand_in, problem):
    key = {"Idempotency-Key": "monday"}
    first = hand_in(**key)
    again = hand_in(**key)
    assert again.json() == first.json()
    assert "idempotent-replayed" not in first.headers
    assert again.headers["idempotent-replayed"] == "true"
    problem(hand_in(loans_as_csv([LOAN]), **key), 422)
    assert len(service.get(PATH).json()["batches"]) == 1


@pytest.mark.parametrize(
    ("query", "fields"),
    [
        ("?webhook_url=ftp://portal.example", ["webhook_url"]),
        ("?webhook_url=http://portal.example", ["webhook_url"]),
        ("?webhook_url=https://a:b@portal.example", ["webhook_url"]),
        ("?name=%00&webhook=x", ["name", "webhook"]),
    ],
)
def test_a_query_that_cannot_be_read_names_every_fault(hand_in, problem, query, fields):
    told = problem(hand_in(query=query), 400)
    assert [fault["field"] for fault in told["errors"]] == fields


def test_what_is_no_file_is_refused(service, hand_in, problem):
    problem(hand_in(b""), 422)
    problem(hand_in(**{"Content-Type": "application/json"}), 415)
    told = problem(hand_in(b"a", **{"Content-Length": str(MAX_BATCH_BYTES + 1)}), 413)
    assert "1,073,741,824" in told["detail"]
    assert service.get(PATH).json()["batches"] == []


def test_a_file_larger_than_said_is_refused(hand_in, problem, monkeypatch):
    monkeypatch.setattr("entrypoints.api.batches.routes.MAX_BATCH_BYTES", 5000)

    def body() -> Iterator[bytes]:
        yield from (bytes(1000) for _ in range(6))

    problem(hand_in(body()), 413)


def test_a_caller_with_many_batches_waiting_is_told_to_come_back_later(service, hand_in, problem):
    waiting = [hand_in(loans_as_csv([LOAN])).json()["batch_id"] for _ in range(20)]
    refused = hand_in(loans_as_csv([LOAN]))
    told = problem(refused, 429)
    assert told["type"].endswith(":batch-quota-exceeded")
    assert "this caller already has 20 batches queued or running" in told["detail"]
    assert int(refused.headers["retry-after"]) > 0
    service.client.post(f"{PATH}/{waiting[0]}/cancel", headers=service.as_(Role.SERVICE))
    assert hand_in(loans_as_csv([LOAN])).status_code == 202


def test_an_unknown_batch_is_a_404(service, problem):
    for what in ("", "/results", "/errors"):
        assert problem(service.get(f"{PATH}/{uuid4()}{what}"), 404)["type"].endswith("no-such-batch")
    problem(service.client.post(f"{PATH}/{uuid4()}/cancel", headers=service.as_(Role.SERVICE)), 404)


@pytest.mark.parametrize("what", ["", "/results", "/errors"])
def test_what_is_no_identifier_names_no_batch(service, problem, what):
    told = problem(service.get(f"{PATH}/zz{what}"), 404)
    assert told["type"] == "urn:credit-scoring:problem:no-such-batch"
    assert told["detail"] == "There is no batch zz: an identifier is a UUID."


@pytest.mark.parametrize("role", [Role.LOAN_OFFICER, Role.AUDITOR])
def test_only_some_may_hand_in_and_cancel_but_all_see_what_came_of_it(service, hand_in, problem, role):
    problem(hand_in(role=role), 403)
    where = hand_in().headers["location"]
    problem(service.client.post(f"{where}/cancel", headers=service.as_(role)), 403)
    assert service.get(where, role=role).status_code == 200
    assert service.client.get(where).status_code == 401


def test_webhooks_that_never_arrived_are_listed_and_the_secret_is_the_callers_own(service, hand_in, problem):
    where = hand_in(query="?webhook_url=https://portal.example/told").headers["location"]
    service.client.post(f"{where}/cancel", headers=service.as_(Role.SERVICE))
    assert service.get("/api/v1/webhooks/dead-letters").json() == {"dead_letters": [], "next_cursor": None}
    message = asyncio.run(service.batches.outbox.lease_next(duration=timedelta(0)))
    asyncio.run(service.batches.outbox.mark_failed(message.delivery_id, "it was not there", retry_in=None))
    (dead,) = service.get("/api/v1/webhooks/dead-letters").json()["dead_letters"]
    assert (dead["event"], dead["url"]) == ("batch.cancelled", "https://portal.example/told")
    assert (dead["attempts"], dead["last_fault"]) == (1, "it was not there")
    secret = service.get("/api/v1/webhooks/secret").json()["secret"]
    assert secret == RecipientSecrets(b"k" * 32).secret_of("broker")
    for path in ("/api/v1/webhooks/dead-letters", "/api/v1/webhooks/secret"):
        problem(service.get(path, role=Role.AUDITOR), 403)
