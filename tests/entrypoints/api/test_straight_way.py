"""The straight way over real sockets: the answers of the ASGI way, whatever comes in whatever pieces."""

import asyncio
import json
import socket
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
import uvicorn

from adapters.memory.request_rates import MemoryRequestRates
from application.catalogue import UseCases
from application.ports.decision_ledger import LedgerUnavailable
from application.use_cases.admit_caller import AdmitCaller
from application.use_cases.assess_loan_application import Asked
from application.use_cases.assess_once import Assessed
from domain.access.user import Role
from entrypoints.api.app import create_app
from entrypoints.api.loan_application_body import EXAMPLE
from entrypoints.api.straight_way import Answered

PATH = "/api/v1/predictions"
ASGI = f"{PATH}?"
"""The same route in an unusual spelling: the straight way leaves it alone."""


@dataclass
class Told(Answered):
    """Takes note of what it is told."""

    in_progress: int = 0
    answered: list[Mapping[str, str]] = field(default_factory=list)

    def under_way(self, more: int) -> None:
        self.in_progress += more

    def answered_well(
        self, *, method: str, route: str, status: int, each: Sequence[tuple[float, Mapping[str, str]]]
    ) -> None:
        assert (method, route, status) == ("POST", PATH, 200)
        self.answered += [facts for _, facts in each]


@dataclass
class Together:
    """Assesses as ever, and remembers how many came together; may be held up, or fail on some."""

    assess: Any
    came: list[int] = field(default_factory=list)
    go_on: asyncio.Event = field(default_factory=asyncio.Event)
    fails: Callable[[Asked], Exception | None] = lambda _: None

    async def __call__(self, asked: Sequence[Asked]) -> list[Assessed | Exception]:
        self.came.append(len(asked))
        outcomes = await self.assess(asked)
        await self.go_on.wait()
        return [self.fails(each) or outcome for each, outcome in zip(asked, outcomes, strict=True)]


async def until(holds: Callable[[], bool]) -> None:
    """Wait until something holds."""
    async with asyncio.timeout(10):
        while not holds():  # noqa: ASYNC110 - nothing tells of it
            await asyncio.sleep(0.005)


@dataclass
class Answer:
    """A response as it came."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def told(self) -> Any:
        return json.loads(self.body)


class Wire:
    """A connection to the server."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer

    def send(self, data: bytes) -> None:
        self.writer.write(data)

    async def answer(self) -> Answer:
        head = (await asyncio.wait_for(self.reader.readuntil(b"\r\n\r\n"), 10)).decode().split("\r\n")
        headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in head[1:-2])}
        assert len(headers) == len(head) - 3, "no header stands twice"
        body = await self.reader.readexactly(int(headers.get("content-length", 0)))
        return Answer(int(head[0].split()[1]), headers, body)

    async def ask(self, data: bytes) -> Answer:
        self.send(data)
        return await self.answer()

    async def ended(self) -> bool:
        return await asyncio.wait_for(self.reader.read(1), 10) == b""


@dataclass
class House:
    """The API on a port, and what goes on in it."""

    service: Any
    port: int
    server: uvicorn.Server
    told: Told
    together: Together
    wires: list[Wire] = field(default_factory=list)

    async def connect(self) -> Wire:
        self.wires.append(Wire(*await asyncio.open_connection("127.0.0.1", self.port)))
        return self.wires[-1]

    async def hang_up(self) -> None:
        for wire in self.wires:
            wire.writer.close()
            with suppress(OSError):
                await wire.writer.wait_closed()

    def request(
        self,
        body: bytes | None = None,
        *,
        path: str = PATH,
        role: Role | None = Role.SERVICE,
        method: str = "POST",
        kind: str = "application/json",
        version: str = "1.1",
        more: str = "",
        **changed: Any,
    ) -> bytes:
        if body is None:
            body = json.dumps({**EXAMPLE, **changed}).encode()
        token = f"Authorization: {self.service.as_(role)['Authorization']}\r\n" if role else ""
        head = f"{method} {path} HTTP/{version}\r\nHost: test\r\n{token}Content-Type: {kind}\r\n{more}"
        return f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body

    @property
    def recorded(self) -> int:
        return len(self.service.decisions.records())


@asynccontextmanager
async def serving(service: Any, **changed: Any) -> AsyncIterator[House]:
    use_cases: UseCases = service.use_cases()
    together = Together(use_cases.assess_together)
    together.go_on.set()
    told = Told()
    use_cases = replace(use_cases, assess_together=together, **changed)
    app = create_app(use_cases, version="1", answered=told)
    listening = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(
        app,
        http="entrypoints.api.decision_protocol:DecisionProtocol",
        log_config=None,
        server_header=False,
        access_log=False,
        proxy_headers=False,
        timeout_graceful_shutdown=5,
    )
    server = uvicorn.Server(config)
    task = asyncio.create_task(server.serve(sockets=[listening]))
    await until(lambda: server.started)
    house = House(service, listening.getsockname()[1], server, told, together)
    try:
        yield house
    finally:
        together.go_on.set()
        await house.hang_up()
        server.should_exit = True
        await task


@pytest.fixture
async def house(service: Any) -> AsyncIterator[House]:
    async with serving(service) as house:
        yield house


def alike(answer: dict[str, Any]) -> dict[str, Any]:
    """What two decisions on the same application have in common."""
    prediction = {name: value for name, value in answer["prediction"].items() if name != "decision_id"}
    return {"success": answer["success"], "prediction": prediction}


async def test_the_answer_is_that_of_the_asgi_way_and_on_record(house: House) -> None:
    wire = await house.connect()
    straight, by_asgi = await wire.ask(house.request()), await wire.ask(house.request(path=ASGI))
    assert house.together.came == [1]
    assert (straight.status, by_asgi.status) == (200, 200)
    assert alike(straight.told) == alike(by_asgi.told)
    assert straight.told.keys() == by_asgi.told.keys()
    assert straight.headers.keys() == by_asgi.headers.keys()
    for name in straight.headers.keys() - {"x-request-id", "date", "content-length"}:
        assert straight.headers[name] == by_asgi.headers[name]
    assert straight.headers["x-request-id"] == straight.told["request_id"]
    assert house.recorded == 2


async def test_facts_of_an_answered_request_are_told_once(house: House) -> None:
    wire = await house.connect()
    answer = await wire.ask(house.request(more="X-Request-ID: monday-17\r\n"))
    assert answer.headers["x-request-id"] == "monday-17"
    (facts,) = house.told.answered
    assert facts == {
        "request_id": "monday-17",
        "decision_id": answer.told["request_id"],
        "outcome": answer.told["prediction"]["outcome"],
        "confidence": answer.told["prediction"]["confidence"],
        "model_version": answer.told["prediction"]["model_version"],
        "policy_version": answer.told["prediction"]["policy_version"],
        "actor": "broker",
        "role": "service",
    }
    assert house.told.in_progress == 0


async def test_those_who_come_together_are_assessed_together_and_each_gets_its_own_answer(house: House) -> None:
    wires = [await house.connect() for _ in range(8)]
    for number, wire in enumerate(wires):
        wire.send(house.request(loan_amnt=1000.0 + number, more=f"X-Request-ID: {number}\r\n"))
    answers = await asyncio.gather(*(wire.answer() for wire in wires))
    assert [answer.headers["x-request-id"] for answer in answers] == [str(number) for number in range(8)]
    assert sum(house.together.came) == 8
    assert max(house.together.came) > 1
    assert house.recorded == 8


async def test_a_key_gives_the_first_answer_again_and_refuses_another_request(house: House) -> None:
    wire, key = await house.connect(), "Idempotency-Key: k1\r\n"
    first, again = await wire.ask(house.request(more=key)), await wire.ask(house.request(more=key))
    other = await wire.ask(house.request(more=key, loan_amnt=1234.0))
    assert "idempotent-replayed" not in first.headers
    assert again.headers["idempotent-replayed"] == "true"
    assert again.told["request_id"] == first.told["request_id"]
    assert (other.status, other.told["type"]) == (422, "urn:credit-scoring:problem:idempotency-key-reused")
    assert house.together.came == [1, 1, 1]
    assert house.recorded == 1


async def test_many_requests_follow_one_another_on_one_connection(house: House) -> None:
    wire = await house.connect()
    for _ in range(20):
        assert (await wire.ask(house.request())).status == 200
    assert house.together.came == [1] * 20


@pytest.mark.parametrize("behind", [b"", b"POST "])
async def test_a_connection_that_is_not_wanted_afterwards_is_closed(house: House, behind: bytes) -> None:
    for number in (1, 2):
        wire = await house.connect()
        answer = await wire.ask(house.request(more="Connection: close\r\n") + behind)
        assert answer.headers["connection"] == "close"
        assert await wire.ended()
        assert house.recorded == number
    assert house.together.came == ([] if behind else [1, 1])


async def test_requests_sent_ahead_are_answered_in_their_order(house: House) -> None:
    wire = await house.connect()
    house.together.go_on.clear()
    wire.send(house.request(more="X-Request-ID: 1\r\n"))
    await asyncio.sleep(0.05)
    wire.send(house.request(more="X-Request-ID: 2\r\n") + house.request(method="GET", path="/health/live"))
    await asyncio.sleep(0.05)
    wire.send(house.request(more="X-Request-ID: 3\r\n", path=ASGI) + house.request(more="X-Request-ID: 4\r\n"))
    house.together.go_on.set()
    answers = [await wire.answer() for _ in range(5)]
    assert [answer.status for answer in answers] == [200] * 5
    assert answers[2].told["status"] == "alive"
    assert [answer.headers.get("x-request-id") for answer in answers if "success" in answer.told] == list("1234")


async def test_two_whole_requests_in_one_write_are_both_answered(house: House) -> None:
    wire = await house.connect()
    wire.send(house.request(more="X-Request-ID: 1\r\n") + house.request(more="X-Request-ID: 2\r\n"))
    assert [(await wire.answer()).headers["x-request-id"] for _ in range(2)] == ["1", "2"]


@pytest.mark.parametrize("pause", [0.01, 0.2])
@pytest.mark.parametrize("cut", [5, 60, -200, -1])
async def test_a_request_that_comes_in_two_pieces_is_answered(house: House, pause: float, cut: int) -> None:
    wire = await house.connect()
    whole = house.request()
    wire.send(whole[:cut])
    await asyncio.sleep(pause)
    assert (await wire.ask(whole[cut:])).status == 200
    assert (await wire.ask(house.request())).status == 200
    assert house.recorded == 2


async def test_head_and_body_sent_apart_go_straight(house: House) -> None:
    wire = await house.connect()
    head, _, body = house.request().partition(b"\r\n\r\n")
    wire.send(head + b"\r\n\r\n")
    await asyncio.sleep(0.01)
    assert (await wire.ask(body)).status == 200
    assert house.together.came == [1]


async def test_a_request_that_never_comes_whole_decides_nothing(house: House) -> None:
    wire = await house.connect()
    wire.send(house.request()[:-20])
    await asyncio.sleep(0.1)
    wire.writer.close()
    other = await house.connect()
    assert (await other.ask(house.request())).status == 200
    assert house.recorded == 1


async def test_what_is_out_of_the_ordinary_is_answered_too(house: House) -> None:
    wire = await house.connect()
    body = json.dumps(EXAMPLE).encode()
    chunked = house.request(b"", more="Transfer-Encoding: chunked\r\n").replace(b"Content-Length: 0\r\n", b"")
    assert (await wire.ask(chunked + b"%x\r\n%s\r\n0\r\n\r\n" % (len(body), body))).status == 200
    old = await house.connect()
    assert (await old.ask(house.request(version="1.0"))).status == 200
    waiting = await house.connect()
    head, _, body = house.request(more="Expect: 100-continue\r\n").partition(b"\r\n\r\n")
    waiting.send(head + b"\r\n\r\n")
    assert (await waiting.reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 100 ")
    assert (await waiting.ask(body)).status == 200
    assert house.together.came == []


FAULTS: dict[str, tuple[int, dict[str, Any]]] = {
    "no token": (401, {"role": None}),
    "another's token": (401, {"role": None, "more": "Authorization: Bearer nobody\r\n"}),
    "no JSON": (400, {"body": b"{"}),
    "no object": (422, {"body": b"[]"}),
    "two faults": (422, {"loan_amnt": -1, "dti": "much"}),
    "another kind": (415, {"kind": "text/plain"}),
    "compressed": (415, {"more": "Content-Encoding: gzip\r\n"}),
    "too large": (413, {"body": b" " * 70_000}),
    "no key": (400, {"more": "Idempotency-Key: \r\n"}),
    "an auditor": (403, {"role": Role.AUDITOR}),
    "another method": (405, {"method": "GET"}),
}


@pytest.mark.parametrize("fault", FAULTS)
async def test_a_fault_is_told_as_by_the_asgi_way(house: House, fault: str) -> None:
    status, given = FAULTS[fault]
    wire, other = await house.connect(), await house.connect()
    straight = await wire.ask(house.request(**given))
    by_asgi = await other.ask(house.request(**given, path=ASGI))
    assert straight.status == by_asgi.status
    assert straight.status == status
    assert straight.headers["content-type"] == "application/problem+json"
    assert {**straight.told, "request_id": ""} == {**by_asgi.told, "request_id": ""}
    assert straight.headers.keys() == by_asgi.headers.keys()
    assert house.recorded == 0


async def test_what_is_no_request_is_refused(house: House) -> None:
    wire = await house.connect()
    assert (await wire.ask(b"POST /api/v1/predictions HTTP/1.1\r\nnonsense\r\n\r\n")).status == 400
    assert await wire.ended()


async def test_what_cannot_be_recorded_is_refused_alone_and_the_connection_goes_on(house: House) -> None:
    house.together.fails = lambda asked: (
        LedgerUnavailable("away") if asked.application.terms.amount.dollars == 9000 else None
    )
    wires = [await house.connect() for _ in range(3)]
    for wire, amount in zip(wires, (8000.0, 9000.0, 10_000.0), strict=True):
        wire.send(house.request(loan_amnt=amount))
    answers = await asyncio.gather(*(wire.answer() for wire in wires))
    assert [answer.status for answer in answers] == [200, 503, 200]
    assert int(answers[1].headers["retry-after"]) > 0
    assert answers[1].told["type"] == "urn:credit-scoring:problem:ledger-unavailable"
    assert (await wires[1].ask(house.request())).status == 200
    assert house.told.in_progress == 0


async def test_a_fault_of_ours_is_told_as_one(house: House, caplog: pytest.LogCaptureFixture) -> None:
    house.together.fails = lambda _: ZeroDivisionError("a fault")
    wire = await house.connect()
    answer = await wire.ask(house.request())
    assert (answer.status, answer.told["type"]) == (500, "urn:credit-scoring:problem:unexpected")
    assert [record.message for record in caplog.records].count("a request failed unexpectedly") == 1
    house.together.fails = lambda _: None
    assert (await wire.ask(house.request())).status == 200


async def test_where_all_fail_at_once_all_are_told(house: House) -> None:
    async def broken(_: Sequence[Asked]) -> list[Assessed | Exception]:
        raise ZeroDivisionError("a fault")

    house.together.assess = broken
    wires = [await house.connect() for _ in range(3)]
    for wire in wires:
        wire.send(house.request())
    assert [(await wire.answer()).status for wire in wires] == [500] * 3
    assert house.told.in_progress == 0


async def test_one_request_too_many_is_refused_and_counted_once(service: Any) -> None:
    refused: list[None] = []
    rates = MemoryRequestRates(1, 2, on_refusal=lambda: refused.append(None))
    async with serving(service, identify_caller=AdmitCaller(service.tokens, rates)) as house:
        wire = await house.connect()
        statuses = [(await wire.ask(house.request())).status for _ in range(3)]
        assert statuses == [200, 200, 429]
        assert len(refused) == 1


async def test_a_server_that_stops_answers_what_is_under_way(house: House) -> None:
    wire = await house.connect()
    house.together.go_on.clear()
    wire.send(house.request())
    await until(lambda: sum(house.together.came) == 1)
    house.server.should_exit = True
    await asyncio.sleep(0.3)
    house.together.go_on.set()
    answer = await wire.answer()
    assert (answer.status, answer.headers["connection"]) == (200, "close")
    assert await wire.ended()


async def test_a_caller_who_goes_away_leaves_the_decision_on_record_and_nobody_in_trouble(house: House) -> None:
    gone, other = await house.connect(), await house.connect()
    house.together.go_on.clear()
    gone.send(house.request())
    other.send(house.request())
    await until(lambda: sum(house.together.came) == 2)
    gone.writer.close()
    await asyncio.sleep(0.05)
    house.together.go_on.set()
    assert (await other.answer()).status == 200
    assert house.recorded == 2


async def test_the_rest_of_a_refused_body_is_no_request_of_its_own(house: House) -> None:
    wire = await house.connect()
    hidden = house.request()
    head = house.request(b"").replace(b"Content-Length: 0", b"Content-Length: %d" % (100_000 + len(hidden)))
    answer = await wire.ask(head)
    assert answer.status == 413
    wire.send(b" " * 100)
    await asyncio.sleep(0.02)
    wire.send(hidden)
    await asyncio.sleep(0.2)
    assert house.together.came == []
    assert house.recorded == 0
