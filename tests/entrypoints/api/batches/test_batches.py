"""Batches over HTTP: submitted, followed, cancelled, and their results downloaded."""

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
from support.batches import SOME_LOANS, BatchStore, loans_as_csv
from support.loan_rows import LOAN, varied_loans

PATH = "/api/v1/batches"
CSV = {"Content-Type": "text/csv"}


@pytest.fixture
def submit(service):
    def post(content=SOME_LOANS, *, role=Role.SERVICE, query="", **headers):
        return service.client.post(PATH + query, content=content, headers=service.as_(role) | CSV | headers)

    return post


@pytest.fixture
def work(service):
    """Run a worker until no batch is left."""
    worker: DecideNextBatch = BatchStore(
        service.batches, service.batches, service.decisions, service.decisions
    ).worker()

    def run() -> None:
        while asyncio.run(worker(stopping=lambda: False)) is not None:
            pass

    return run


def test_a_file_is_submitted_decided_and_its_results_downloaded(service, submit, work):
    loans = [*varied_loans(150), LOAN | {"dti": "much"}]
    accepted = submit(loans_as_csv(loans), query="?name=monday.csv")
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


def test_parquet_and_gzip_are_accepted(service, submit, work, tmp_path):
    pl.read_csv(SOME_LOANS).write_parquet(tmp_path / "loans.parquet")
    kind = {"Content-Type": "application/vnd.apache.parquet"}
    where = submit((tmp_path / "loans.parquet").read_bytes(), **kind).headers["location"]
    work()
    assert service.get(where).json()["state"] == "done"


def test_results_of_an_unfinished_batch_get_409(service, submit, problem):
    where = submit().headers["location"]
    content = problem(service.get(f"{where}/results"), 409)
    assert content["type"].endswith("batch-not-ended")


def test_a_batch_can_be_cancelled_once(service, submit, problem, work):
    where = submit().headers["location"]
    cancel = f"{where}/cancel"
    assert service.client.post(cancel, headers=service.as_(Role.SERVICE)).json()["state"] == "cancelled"
    content = problem(service.client.post(cancel, headers=service.as_(Role.SERVICE)), 409)
    assert content["type"].endswith("batch-ended")
    work()
    assert service.get(where).json()["state"] == "cancelled"
    assert service.get(f"{where}/results").content == b""


def test_an_unreadable_file_fails_with_its_reason(service, submit, work):
    where = submit(b"a,b\n1,2\n").headers["location"]
    work()
    failed = service.get(where).json()
    assert failed["state"] == "failed"
    assert failed["fault"].startswith("the file lacks required columns: annual_inc")


def test_a_file_that_looks_like_another_unit_fails_until_its_unit_is_stated(service, submit, work):
    loans = loans_as_csv([LOAN | {"annual_inc": income} for income in ("52", "87.5", "36", "120", "700")])
    where = submit(loans).headers["location"]
    work()
    failed = service.get(where).json()
    assert failed["state"] == "failed"
    assert "state income_as=thousands; if they are right as they are, income_as=yearly" in failed["fault"]
    assert failed["progress"]["rows_read"] == 0
    where = submit(loans, query="?income_as=yearly").headers["location"]
    work()
    done = service.get(where).json()
    assert (done["state"], done["income_as"], done["percent_as"], done["decimal"]) == (
        "done",
        "yearly",
        None,
        None,
    )
    assert done["notices"] == []


def test_remarks_on_a_file_are_returned(service, submit, work):
    loans = loans_as_csv([LOAN, LOAN | {"dti": "0.155"}, LOAN])
    where = submit(loans).headers["location"]
    work()
    [notice] = service.get(where).json()["notices"]
    assert notice == "1 value of dti is above 0 but below 1 %, the first in line 3; check the unit"


def test_batches_are_listed_newest_first_in_pages(service, submit):
    for name in ("first", "second", "third"):
        submit(query=f"?name={name}")
        asyncio.run(asyncio.sleep(0.002))
    page = service.get(f"{PATH}?limit=2").json()
    assert [batch["name"] for batch in page["batches"]] == ["third", "second"]
    rest = service.get(f"{PATH}?limit=2&before={page['next_before']}").json()
    assert [batch["name"] for batch in rest["batches"]] == ["first"]
    assert service.get(f"{PATH}?limit=2&cursor={page['next_cursor']}").json() == rest
    assert rest["next_before"] is None


def test_the_same_key_returns_the_same_batch_and_rejects_another_file(service, submit, problem):
    key = {"Idempotency-Key": "monday"}
    first = submit(**key)
    again = submit(**key)
    assert again.json() == first.json()
    assert "idempotent-replayed" not in first.headers
    assert again.headers["idempotent-replayed"] == "true"
    problem(submit(loans_as_csv([LOAN]), **key), 422)
    problem(submit(query="?name=batch&decimal=point", **key), 422)
    assert len(service.get(PATH).json()["batches"]) == 1


@pytest.mark.parametrize(
    ("query", "fields"),
    [
        ("?webhook_url=ftp://portal.example", ["webhook_url"]),
        ("?webhook_url=http://portal.example", ["webhook_url"]),
        ("?webhook_url=https://a:b@portal.example", ["webhook_url"]),
        ("?name=%00&webhook=x", ["name", "webhook"]),
        ("?percent_as=permille&income_as=weekly:&decimal=,", ["percent_as", "income_as", "decimal"]),
    ],
)
def test_an_invalid_query_names_every_error(submit, problem, query, fields):
    content = problem(submit(query=query), 400)
    assert [error["field"] for error in content["errors"]] == fields


def test_other_bodies_than_files_are_rejected(service, submit, problem):
    problem(submit(b""), 422)
    problem(submit(**{"Content-Type": "application/json"}), 415)
    content = problem(submit(b"a", **{"Content-Length": str(MAX_BATCH_BYTES + 1)}), 413)
    assert "1,073,741,824" in content["detail"]
    assert service.get(PATH).json()["batches"] == []


def test_a_file_above_the_limit_is_rejected_while_it_arrives(submit, problem, monkeypatch):
    monkeypatch.setattr("entrypoints.api.batches.routes.MAX_BATCH_BYTES", 5000)

    def body() -> Iterator[bytes]:
        yield from (bytes(1000) for _ in range(6))

    problem(submit(body()), 413)


def test_a_caller_above_the_batch_quota_gets_429_with_retry_after(service, submit, problem):
    waiting = [submit(loans_as_csv([LOAN])).json()["batch_id"] for _ in range(20)]
    refused = submit(loans_as_csv([LOAN]))
    content = problem(refused, 429)
    assert content["type"].endswith(":batch-quota-exceeded")
    assert "this caller already has 20 batches queued or running" in content["detail"]
    assert int(refused.headers["retry-after"]) > 0
    service.client.post(f"{PATH}/{waiting[0]}/cancel", headers=service.as_(Role.SERVICE))
    assert submit(loans_as_csv([LOAN])).status_code == 202


def test_an_unknown_batch_gets_404(service, problem):
    for what in ("", "/results", "/errors"):
        assert problem(service.get(f"{PATH}/{uuid4()}{what}"), 404)["type"].endswith("no-such-batch")
    problem(service.client.post(f"{PATH}/{uuid4()}/cancel", headers=service.as_(Role.SERVICE)), 404)


@pytest.mark.parametrize("what", ["", "/results", "/errors"])
def test_an_invalid_batch_identifier_gets_404(service, problem, what):
    content = problem(service.get(f"{PATH}/zz{what}"), 404)
    assert content["type"] == "urn:credit-scoring:problem:no-such-batch"
    assert content["detail"] == "There is no batch zz: an identifier is a UUID."


@pytest.mark.parametrize("role", [Role.LOAN_OFFICER, Role.AUDITOR])
def test_only_some_roles_may_submit_and_cancel_but_staff_may_read(service, submit, problem, role):
    problem(submit(role=role), 403)
    where = submit().headers["location"]
    problem(service.client.post(f"{where}/cancel", headers=service.as_(role)), 403)
    assert service.get(where, role=role).status_code == 200
    assert service.client.get(where).status_code == 401


def test_undelivered_webhooks_are_listed_and_the_secret_is_the_callers_own(service, submit, problem):
    where = submit(query="?webhook_url=https://portal.example/webhook").headers["location"]
    service.client.post(f"{where}/cancel", headers=service.as_(Role.SERVICE))
    assert service.get("/api/v1/webhooks/dead-letters").json() == {"dead_letters": [], "next_cursor": None}
    message = asyncio.run(service.batches.outbox.lease_next(duration=timedelta(0)))
    asyncio.run(service.batches.outbox.mark_failed(message.delivery_id, "it was not there", retry_in=None))
    (dead,) = service.get("/api/v1/webhooks/dead-letters").json()["dead_letters"]
    assert (dead["event"], dead["url"]) == ("batch.cancelled", "https://portal.example/webhook")
    assert (dead["attempts"], dead["last_fault"]) == (1, "it was not there")
    secret = service.get("/api/v1/webhooks/secret").json()["secret"]
    assert secret == RecipientSecrets(b"k" * 32).secret_of("broker")
    for path in ("/api/v1/webhooks/dead-letters", "/api/v1/webhooks/secret"):
        problem(service.get(path, role=Role.AUDITOR), 403)


def test_references_and_kept_columns_are_in_the_results(service, submit, work):
    loans = [LOAN | {"application_id": "LN-1", "branch": "north", "id": "7"}]
    accepted = submit(loans_as_csv(loans), query="?keep=branch,%20id&trial=true").json()
    assert (accepted["keep"], accepted["trial"]) == (["branch", "id"], True)
    work()
    where = f"{PATH}/{accepted['batch_id']}"
    results = pl.read_csv(service.get(f"{where}/results").content, infer_schema=False)
    named = ("application_reference", "branch", "id")
    assert [results[name].to_list() for name in named] == [["LN-1"], ["north"], ["7"]]
    (found,) = service.get("/api/v1/decisions?application_reference=LN-1&trial=true").json()["decisions"]
    assert found["application"]["application_reference"] == "LN-1"
    assert (found["received_through"], found["trial"]) == ("batch", True)
    assert service.get("/api/v1/decisions?trial=false").json()["decisions"] == []


@pytest.mark.parametrize("keep", ["a,,b", "dti,DTI", ",".join(f"c{number}" for number in range(21)), "%00"])
def test_columns_to_keep_are_checked_before_the_file_is_read(service, submit, problem, keep):
    refused = problem(submit(query=f"?keep={keep}"), 400)
    assert [error["field"] for error in refused["errors"]] == ["keep"]
