"""The straight way past ASGI: who goes it is answered, recorded and told of as by the ASGI way."""

from typing import Any
from uuid import UUID

import pytest

from adapters.memory.request_rates import MemoryRequestRates
from application.use_cases.access.enforce_rate_limit import EnforceRateLimit
from domain.access.user import Role
from support.fast_path_server import (
    ASGI,
    GOOD,
    IN_PROGRESS,
    PATH,
    Answer,
    Held,
    Serving,
    StraightServer,
    Wire,
    a_body,
)

_DIFFERENT = ("request_id", "decision_id", "timestamp", "processing_time_ms")


def what_was_decided(answer: Answer) -> dict[str, object]:
    """The answer, without what is different each time."""
    told = answer.json | answer.json["prediction"]
    return {name: value for name, value in told.items() if name not in ("prediction", *_DIFFERENT)}


@pytest.mark.parametrize("body", [GOOD, a_body(dti=44.0), a_body(loan_amnt=35_000.0, purpose="small_business")])
async def test_the_answer_is_that_of_the_asgi_way(server: StraightServer, wire: Wire, body: bytes) -> None:
    straight = await wire.ask(server.post(body))
    assert server.together.sizes == [1]
    by_asgi = await wire.ask(server.post(body, path=ASGI))
    assert server.together.sizes == [1]
    assert straight.status == by_asgi.status == 200
    assert straight.json.keys() == by_asgi.json.keys()
    assert straight.json["prediction"].keys() == by_asgi.json["prediction"].keys()
    assert what_was_decided(straight) == what_was_decided(by_asgi)


@pytest.mark.parametrize(("role", "told"), [(Role.SERVICE, False), (Role.LOAN_OFFICER, True)])
async def test_what_drove_the_score_is_told_to_those_who_may_explain_decisions(
    server: StraightServer, wire: Wire, role: Role, told: bool
) -> None:
    answer = await wire.ask(server.post(role=role))
    assert server.together.sizes == [1]
    assert [name in answer.json["prediction"] for name in ("base", "log_odds", "contributions")] == [told] * 3


async def test_its_headers_are_those_of_the_asgi_way(server: StraightServer, wire: Wire) -> None:
    straight, by_asgi = await wire.ask(server.post()), await wire.ask(server.post(path=ASGI))
    varying = {"content-length", "x-request-id", "date"}
    assert straight.headers.keys() == by_asgi.headers.keys() >= varying
    assert {name: value for name, value in straight.headers.items() if name not in varying} == {
        "content-type": "application/json",
        "cache-control": "no-store",
        "x-content-type-options": "nosniff",
        "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
    }
    assert straight.headers["date"].endswith(" GMT")
    assert straight.headers["x-request-id"] == straight.json["request_id"]


async def test_the_decision_is_on_record_when_it_is_answered(
    server: StraightServer, wire: Wire, service: Any
) -> None:
    answer = await wire.ask(server.post())
    record = await service.decisions.find(UUID(answer.json["request_id"]))
    assert record.channel == "api"
    assert (record.requested_by.name, record.requested_by.role) == ("broker", Role.SERVICE)
    assert record.decision.outcome.value == answer.json["prediction"]["outcome"]


async def test_a_callers_own_request_id_comes_back(server: StraightServer, wire: Wire) -> None:
    answer = await wire.ask(server.post(x_request_id="monday-17"))
    assert answer.headers["x-request-id"] == "monday-17"
    assert answer.json["request_id"] != "monday-17"
    assert server.together.sizes == [1]


async def test_a_request_id_that_is_none_is_not_sent_back(server: StraightServer, wire: Wire) -> None:
    answer = await wire.ask(server.post(x_request_id="x" * 129))
    assert answer.headers["x-request-id"] == answer.json["request_id"]


async def test_the_same_key_gets_the_same_decision_again(server: StraightServer, wire: Wire) -> None:
    first, again = [await wire.ask(server.post(idempotency_key="k-1")) for _ in range(2)]
    assert again.json["request_id"] == first.json["request_id"]
    assert "idempotent-replayed" not in first.headers
    assert again.headers["idempotent-replayed"] == "true"
    assert server.recorded == 1
    assert server.together.sizes == [1, 1]


async def test_a_key_is_the_same_on_either_way(server: StraightServer, wire: Wire) -> None:
    first = await wire.ask(server.post(idempotency_key='"k-1"'))
    again = await wire.ask(server.post(path=ASGI, idempotency_key="k-1"))
    assert again.json["request_id"] == first.json["request_id"]
    assert again.headers["idempotent-replayed"] == "true"


async def test_the_same_key_with_another_application_is_refused(server: StraightServer, wire: Wire) -> None:
    await wire.ask(server.post(idempotency_key="k-1"))
    straight, by_asgi = [
        await wire.ask(server.post(a_body(dti=1.0), path=path, idempotency_key="k-1")) for path in (PATH, ASGI)
    ]
    assert straight.status == 422
    assert straight.problem == by_asgi.problem
    assert straight.headers.keys() == by_asgi.headers.keys()
    assert server.recorded == 1


async def test_two_at_the_same_time_under_one_key_are_one_decision(server: StraightServer) -> None:
    one, other = await server.ask_together(*[server.post(idempotency_key="k-1")] * 2)
    assert one.json["request_id"] == other.json["request_id"]
    assert [answer.headers.get("idempotent-replayed") for answer in (one, other)].count("true") == 1
    assert server.together.sizes == [1, 1]
    assert server.recorded == 1


async def test_who_asks_under_a_key_waits_for_that_key_alone_and_keeps_nobody_waiting(
    server: StraightServer,
) -> None:
    asked = [server.post(), server.post(idempotency_key="k-1"), server.post(), server.post(idempotency_key="k-2")]
    assert [answer.status for answer in await server.ask_together(*asked)] == [200] * 4
    assert sorted(server.together.sizes) == [1, 1, 2]


async def test_who_comes_in_one_turn_is_decided_on_together(server: StraightServer) -> None:
    bodies = [a_body(loan_amnt=1_000.0 * number) for number in range(1, 21)]
    answers = await server.ask_together(*map(server.post, bodies))
    assert server.together.sizes == [10, 10]  # one party is decided on while the other is recorded
    assert len({answer.json["request_id"] for answer in answers}) == server.recorded == 20
    alone = await server.connect()
    for answer, body in zip(answers, bodies, strict=True):  # each has the answer to what it asked
        assert what_was_decided(answer) == what_was_decided(await alone.ask(server.post(body, path=ASGI)))


async def test_who_comes_later_is_decided_on_later(server: StraightServer, wire: Wire) -> None:
    for _ in range(3):
        await wire.ask(server.post())
    assert server.together.sizes == [1, 1, 1]


async def test_an_answered_request_is_one_line_with_all_that_may_be_known(
    server: StraightServer, wire: Wire
) -> None:
    answer = await wire.ask(server.post(x_request_id="monday-17"))
    await wire.ask(server.post(path=ASGI, x_request_id="monday-17"))
    line, by_asgi = await server.lines()
    assert 0 < line["duration_ms"] < 5_000
    assert line["decision_id"] == answer.json["request_id"]
    assert (line["request_id"], line["actor"], line["role"]) == ("monday-17", "broker", "service")
    assert (line["outcome"], line["confidence"]) == tuple(
        answer.json["prediction"][name] for name in ("outcome", "confidence")
    )
    assert (line["method"], line["route"], line["status"], line["level"]) == ("POST", PATH, 200, "info")
    assert line.keys() == by_asgi.keys()
    same = line.keys() - {"duration_ms", "decision_id", "time"}
    assert {name: line[name] for name in same} == {name: by_asgi[name] for name in same}


async def test_an_answered_request_is_counted_once_as_by_the_asgi_way(server: StraightServer) -> None:
    await server.ask_together(*[server.post()] * 3)
    assert server.counted("2xx") == 3
    await server.ask_together(server.post(path=ASGI))
    assert server.counted("2xx") == 4
    assert IN_PROGRESS in server.shown


async def test_a_request_is_in_progress_until_it_is_answered(serving: Serving, service: Any) -> None:
    service.decisions = held = Held()
    server = await serving()
    wires = [await server.connect() for _ in range(3)]
    for wire in wires:
        wire.send(server.post())
    await held.reached.wait()
    assert "scoring_requests_in_progress 3.0" in server.shown
    held.go_on.set()
    for wire in wires:
        await wire.answer()
    assert IN_PROGRESS in server.shown


async def test_who_asks_too_often_is_told_as_by_the_asgi_way(serving: Serving, service: Any) -> None:
    rates = MemoryRequestRates(1, burst=2)
    server = await serving(identify_caller=EnforceRateLimit(service.tokens, service.tokens.directory, rates))
    wire = await server.connect()
    assert [(await wire.ask(server.post())).status for _ in range(2)] == [200, 200]
    straight, by_asgi = [await wire.ask(server.post(path=path)) for path in (PATH, ASGI)]
    assert straight.status == 429
    assert straight.problem == by_asgi.problem
    assert straight.headers.keys() == by_asgi.headers.keys() >= {"retry-after", "ratelimit", "ratelimit-policy"}
    assert server.recorded == 2
    *_, line, other = await server.lines()
    assert (line["status"], line["actor"], line["problem"]) == (429, "broker", "too-many-requests")
    assert line.keys() == other.keys()
    assert server.counted("4xx") == 2


async def test_a_request_is_counted_once_against_its_caller_and_refused_once(
    serving: Serving, service: Any
) -> None:
    refusals: list[None] = []
    rates = MemoryRequestRates(1, burst=3, now=lambda: 0.0, on_refusal=lambda: refusals.append(None))
    server = await serving(identify_caller=EnforceRateLimit(service.tokens, service.tokens.directory, rates))
    wire = await server.connect()
    bodies = [GOOD, b"{", GOOD, GOOD, GOOD]
    assert [(await wire.ask(server.post(body))).status for body in bodies] == [200, 400, 200, 429, 429]
    assert len(refusals) == 2


async def test_many_at_once_beyond_the_limit_are_each_told(serving: Serving, service: Any) -> None:
    rates = MemoryRequestRates(1, burst=3, now=lambda: 0.0)
    server = await serving(identify_caller=EnforceRateLimit(service.tokens, service.tokens.directory, rates))
    answers = await server.ask_together(*[server.post()] * 10)
    assert sorted(answer.status for answer in answers) == [200] * 3 + [429] * 7
    assert server.recorded == 3
    assert server.together.sizes == [3]
