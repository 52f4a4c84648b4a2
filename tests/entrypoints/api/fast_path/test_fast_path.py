"""The fast path: responses, records, log lines, metrics and spans equal those of the ASGI application."""

import asyncio
from datetime import date
from typing import Any
from uuid import UUID

import pytest

from adapters.memory.request_rates import MemoryRequestRates
from application.use_cases.access.enforce_rate_limit import EnforceRateLimit
from domain.access.user import Role
from entrypoints.api.fast_path import fast_path
from entrypoints.api.fast_path.fast_path import REASONS
from support.fast_path_server import (
    ASGI,
    GOOD,
    IN_PROGRESS,
    PATH,
    Answer,
    BlockedLedger,
    Connection,
    FastPathServer,
    HeldKeyLedger,
    Serving,
    a_body,
)

_DIFFERENT = ("request_id", "decision_id", "timestamp", "processing_time_ms")


def decision_of(answer: Answer) -> dict[str, object]:
    """The response without the values that differ each time."""
    content = answer.json | answer.json["prediction"]
    return {name: value for name, value in content.items() if name not in ("prediction", *_DIFFERENT)}


@pytest.mark.parametrize("body", [GOOD, a_body(dti=44.0), a_body(loan_amnt=35_000.0, purpose="small_business")])
async def test_the_response_equals_that_of_the_asgi_application(
    server: FastPathServer, connection: Connection, body: bytes
) -> None:
    fast = await connection.request(server.post(body))
    assert server.batch_sizes == [1]
    slow = await connection.request(server.post(body, path=ASGI))
    assert server.batch_sizes == [1]
    assert fast.status == slow.status == 200
    assert fast.json.keys() == slow.json.keys()
    assert fast.json["prediction"].keys() == slow.json["prediction"].keys()
    assert decision_of(fast) == decision_of(slow)


@pytest.mark.parametrize(("role", "returned"), [(Role.SERVICE, False), (Role.LOAN_OFFICER, True)])
async def test_contributions_are_returned_to_roles_that_may_explain_decisions(
    server: FastPathServer, connection: Connection, role: Role, returned: bool
) -> None:
    answer = await connection.request(server.post(role=role))
    assert server.batch_sizes == [1]
    assert [name in answer.json["prediction"] for name in ("base", "log_odds", "contributions")] == [returned] * 3


async def test_the_headers_equal_those_of_the_asgi_application(
    server: FastPathServer, connection: Connection
) -> None:
    fast, slow = await connection.request(server.post()), await connection.request(server.post(path=ASGI))
    varying = {"content-length", "x-request-id", "date"}
    assert fast.headers.keys() == slow.headers.keys() >= varying
    assert {name: value for name, value in fast.headers.items() if name not in varying} == {
        "content-type": "application/json",
        "cache-control": "no-store",
        "x-content-type-options": "nosniff",
        "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
    }
    assert fast.headers["date"].endswith(" GMT")
    assert fast.headers["x-request-id"] == fast.json["request_id"]


async def test_the_decision_is_recorded_before_the_response(
    server: FastPathServer, connection: Connection, service: Any
) -> None:
    answer = await connection.request(server.post())
    record = await service.decisions.find(UUID(answer.json["request_id"]))
    assert record.received_through == "api"
    assert (record.requested_by.name, record.requested_by.role) == ("broker", Role.SERVICE)
    assert record.decision.outcome.value == answer.json["prediction"]["outcome"]


async def test_an_application_with_bureau_data_takes_the_fast_path(
    server: FastPathServer, connection: Connection, service: Any
) -> None:
    body = a_body(bureau_status="frozen", bureau_report_date="2026-01-02")
    fast = await connection.request(server.post(body))
    assert server.batch_sizes == [1]
    slow = await connection.request(server.post(body, path=ASGI))
    assert decision_of(fast) == decision_of(slow)
    assert "UNABLE_TO_VERIFY_FROZEN_FILE" in fast.json["prediction"]["reasons"][0].values()
    record = await service.decisions.find(UUID(fast.json["request_id"]))
    assert record.circumstances.bureau_report_age_days == (record.decided_at.date() - date(2026, 1, 2)).days


async def test_a_report_of_the_future_is_refused_as_on_the_ordinary_path(
    server: FastPathServer, connection: Connection
) -> None:
    body = a_body(bureau_report_date="9999-12-31")
    fast, slow = [await connection.request(server.post(body, path=path)) for path in (PATH, ASGI)]
    assert fast.status == slow.status == 422
    assert fast.json["errors"] == slow.json["errors"]


async def test_an_application_with_references_takes_the_fast_path(
    server: FastPathServer, connection: Connection, service: Any
) -> None:
    given = {"application_reference": "LN-0001", "channel": "broker", "metadata": {"branch": 3}}
    fast, slow = [await connection.request(server.post(a_body(**given), path=path)) for path in (PATH, ASGI)]
    assert fast.json["identity"] == slow.json["identity"] == given
    assert fast.json.keys() == slow.json.keys()
    assert server.batch_sizes == [1]
    record = await service.decisions.find(UUID(fast.json["request_id"]))
    assert record.identity.given() == given


async def test_the_callers_request_id_is_returned(server: FastPathServer, connection: Connection) -> None:
    answer = await connection.request(server.post(x_request_id="monday-17"))
    assert answer.headers["x-request-id"] == "monday-17"
    assert answer.json["request_id"] != "monday-17"
    assert server.batch_sizes == [1]


async def test_an_invalid_request_id_is_not_returned(server: FastPathServer, connection: Connection) -> None:
    answer = await connection.request(server.post(x_request_id="x" * 129))
    assert answer.headers["x-request-id"] == answer.json["request_id"]


async def test_a_repeated_key_returns_the_first_decision(server: FastPathServer, connection: Connection) -> None:
    first, again = [await connection.request(server.post(idempotency_key="k-1")) for _ in range(2)]
    assert again.json["request_id"] == first.json["request_id"]
    assert "idempotent-replayed" not in first.headers
    assert again.headers["idempotent-replayed"] == "true"
    assert server.recorded == 1
    assert server.batch_sizes == [1, 1]


async def test_a_key_is_shared_with_the_asgi_application(server: FastPathServer, connection: Connection) -> None:
    first = await connection.request(server.post(idempotency_key='"k-1"'))
    again = await connection.request(server.post(path=ASGI, idempotency_key="k-1"))
    assert again.json["request_id"] == first.json["request_id"]
    assert again.headers["idempotent-replayed"] == "true"


async def test_a_key_reused_for_another_application_is_rejected(
    server: FastPathServer, connection: Connection
) -> None:
    await connection.request(server.post(idempotency_key="k-1"))
    fast, slow = [
        await connection.request(server.post(a_body(dti=1.0), path=path, idempotency_key="k-1"))
        for path in (PATH, ASGI)
    ]
    assert fast.status == 422
    assert fast.problem == slow.problem
    assert fast.headers.keys() == slow.headers.keys()
    assert server.recorded == 1


async def test_concurrent_requests_under_one_key_make_one_decision(server: FastPathServer) -> None:
    one, other = await server.send_together(*[server.post(idempotency_key="k-1")] * 2)
    assert one.json["request_id"] == other.json["request_id"]
    assert [answer.headers.get("idempotent-replayed") for answer in (one, other)].count("true") == 1
    assert server.batch_sizes == [2]
    assert server.recorded == 1


async def test_requests_with_a_key_join_the_batch(
    server: FastPathServer,
) -> None:
    requests = [
        server.post(),
        server.post(idempotency_key="k-1"),
        server.post(),
        server.post(idempotency_key="k-2"),
    ]
    assert [answer.status for answer in await server.send_together(*requests)] == [200] * 4
    assert server.batch_sizes == [4]


async def test_requests_that_arrive_together_form_batches(server: FastPathServer) -> None:
    bodies = [a_body(loan_amnt=1_000.0 * number) for number in range(1, 21)]
    answers = await server.send_together(*map(server.post, bodies))
    assert server.batch_sizes == [10, 10]  # one is decided while the other is recorded
    assert len({answer.json["request_id"] for answer in answers}) == server.recorded == 20
    alone = await server.connect()
    for answer, body in zip(answers, bodies, strict=True):  # each response belongs to its request
        assert decision_of(answer) == decision_of(await alone.request(server.post(body, path=ASGI)))


async def test_successive_requests_form_batches_of_their_own(
    server: FastPathServer, connection: Connection
) -> None:
    for _ in range(3):
        await connection.request(server.post())
    assert server.batch_sizes == [1, 1, 1]


async def test_a_request_is_logged_in_one_line_with_its_facts(
    server: FastPathServer, connection: Connection
) -> None:
    answer = await connection.request(server.post(x_request_id="monday-17"))
    await connection.request(server.post(path=ASGI, x_request_id="monday-17"))
    line, slow = await server.lines()
    assert 0 < line["duration_ms"] < 5_000
    assert line["decision_id"] == answer.json["request_id"]
    assert (line["request_id"], line["actor"], line["role"]) == ("monday-17", "broker", "service")
    assert (line["outcome"], line["confidence"]) == tuple(
        answer.json["prediction"][name] for name in ("outcome", "confidence")
    )
    assert (line["method"], line["route"], line["status"], line["level"]) == ("POST", PATH, 200, "info")
    assert line.keys() == slow.keys()
    same = line.keys() - {"duration_ms", "decision_id", "time"}
    assert {name: line[name] for name in same} == {name: slow[name] for name in same}


async def test_a_request_is_counted_once(server: FastPathServer) -> None:
    await server.send_together(*[server.post()] * 3)
    assert server.counted("2xx") == 3
    await server.send_together(server.post(path=ASGI))
    assert server.counted("2xx") == 4
    assert IN_PROGRESS in server.shown


async def test_a_request_is_in_progress_until_its_response(serving: Serving, service: Any) -> None:
    service.decisions = ledger = BlockedLedger()
    server = await serving()
    connections = [await server.connect() for _ in range(3)]
    for connection in connections:
        connection.send(server.post())
    await ledger.reached.wait()
    assert "scoring_requests_in_progress 3.0" in server.shown
    ledger.unblocked.set()
    for connection in connections:
        await connection.answer()
    assert IN_PROGRESS in server.shown


async def test_exceeding_the_rate_limit_is_reported_as_by_the_asgi_application(
    serving: Serving, service: Any
) -> None:
    rates = MemoryRequestRates(1, burst=2)
    server = await serving(identify_caller=EnforceRateLimit(service.tokens, service.tokens.directory, rates))
    connection = await server.connect()
    assert [(await connection.request(server.post())).status for _ in range(2)] == [200, 200]
    fast, slow = [await connection.request(server.post(path=path)) for path in (PATH, ASGI)]
    assert fast.status == 429
    assert fast.problem == slow.problem
    assert fast.headers.keys() == slow.headers.keys() >= {"retry-after", "ratelimit", "ratelimit-policy"}
    assert server.recorded == 2
    *_, line, other = await server.lines()
    assert (line["status"], line["actor"], line["problem"]) == (429, "broker", "too-many-requests")
    assert line.keys() == other.keys()
    assert server.counted("4xx") == 2


async def test_a_request_counts_once_against_the_rate_limit(serving: Serving, service: Any) -> None:
    refusals: list[None] = []
    rates = MemoryRequestRates(1, burst=3, now=lambda: 0.0, on_refusal=lambda: refusals.append(None))
    server = await serving(identify_caller=EnforceRateLimit(service.tokens, service.tokens.directory, rates))
    connection = await server.connect()
    bodies = [GOOD, b"{", GOOD, GOOD, GOOD]
    assert [(await connection.request(server.post(body))).status for body in bodies] == [200, 400, 200, 429, 429]
    assert len(refusals) == 2


async def test_each_request_beyond_the_rate_limit_is_rejected(serving: Serving, service: Any) -> None:
    rates = MemoryRequestRates(1, burst=3, now=lambda: 0.0)
    server = await serving(identify_caller=EnforceRateLimit(service.tokens, service.tokens.directory, rates))
    answers = await server.send_together(*[server.post()] * 10)
    assert sorted(answer.status for answer in answers) == [200] * 3 + [429] * 7
    assert server.recorded == 3
    assert server.batch_sizes == [3]


async def test_a_request_whose_key_is_held_elsewhere_does_not_delay_its_batch(
    serving: Serving, service: Any
) -> None:
    service.decisions = ledger = HeldKeyLedger("held")
    server = await serving()
    held, *others = [await server.connect() for _ in range(4)]
    held.send(server.post(idempotency_key="held"))
    for number, connection in enumerate(others):
        connection.send(server.post(idempotency_key=f"k-{number}" if number else None))
    assert [(await connection.answer()).status for connection in others] == [200] * 3
    assert await held.is_silent_for(0.02)
    ledger.released.set()
    assert (await held.answer()).status == 200
    assert server.batch_sizes == [4, 1]
    assert server.recorded == 4


async def test_requests_left_to_the_asgi_application_are_counted_by_reason(
    server: FastPathServer, connection: Connection
) -> None:
    assert server.fallbacks() == {}
    await connection.request(server.post())
    assert server.fallbacks() == {}
    await connection.request(server.post(b"{"))
    await connection.request(server.post(authorization=None))
    await connection.request(server.post(expect="nothing"))
    await connection.request(server.post(idempotency_key="k-1"))
    await connection.request(server.post(a_body(dti=1.0), idempotency_key="k-1"))
    connection.send(server.post(path=ASGI), server.post())
    await connection.answers(2)
    connection.send(server.post()[:-1])
    await asyncio.sleep(0.1)
    await connection.request(server.post()[-1:])
    expected = {"rejected": 2, "unusual": 1, "failed": 1, "incomplete": 1}
    assert server.fallbacks() == expected
    assert expected.keys() <= set(REASONS)


async def test_a_defect_of_the_fast_path_is_logged_and_the_request_answered(
    server: FastPathServer, connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(fast_path, "bearer", fail)
    assert (await connection.request(server.post())).status == 200
    assert server.fallbacks() == {"error": 1}
    assert len(await server.lines("the fast path could not read a request")) == 1
