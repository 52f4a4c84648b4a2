"""The API on uvicorn as it is run, in the test's event loop, and bare connections to it."""

import asyncio
import io
import json
import socket
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import replace
from itertools import count
from typing import Any, NamedTuple

import pytest
import uvicorn

from adapters.observability.observability import Observability
from adapters.scoring.bundles.bundle import load_bundle
from adapters.scoring.table_credit_model import TableCreditModel
from application.catalog import UseCases
from application.ports.decisions.idempotency import Claim
from application.use_cases.decisions.assess_many import AssessMany
from application.use_cases.decisions.assess_once import AssessOnce
from domain.access.user import Role
from domain.decisions.decision_record import DecisionRecord
from domain.models.characteristics import Characteristics
from domain.models.prediction import Prediction
from entrypoints.api.app import create_app
from entrypoints.api.decisions.loan_application_body import EXAMPLE
from support.memory.decisions import MemoryDecisions
from support.paths import CHAMPION

PATH = "/api/v1/predictions"
ASGI = PATH + "?"
"""The same path, spelt as the straight way does not take it."""
GOOD = json.dumps(EXAMPLE).encode()
LIVE = b"GET /health/live HTTP/1.1\r\nHost: x\r\n\r\n"
IN_PROGRESS = "scoring_requests_in_progress 0.0"
_PATIENCE = 5.0


async def until(true: Callable[[], object]) -> None:
    """Return once it is true."""
    for _ in range(int(_PATIENCE / 0.001)):
        if true():
            return
        await asyncio.sleep(0.001)
    raise AssertionError(f"not true within {_PATIENCE:g} s")


def a_body(**changed: Any) -> bytes:
    """The example with some fields changed."""
    return json.dumps({**EXAMPLE, **changed}).encode()


class Answer(NamedTuple):
    """What came back."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def problem(self) -> Any:
        """The problem that is told, checked to be one; without what is different each time."""
        told = self.json
        assert self.headers["content-type"] == "application/problem+json"
        assert told["status"] == self.status
        assert told.pop("request_id") == self.headers["x-request-id"]
        return told


class Wire:
    """A connection: bytes are sent as they are, answers are read one by one."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    def send(self, *pieces: bytes) -> None:
        """Send in one write."""
        self._writer.write(b"".join(pieces))

    async def answer(self) -> Answer:
        """The next answer."""
        async with asyncio.timeout(_PATIENCE):
            head = (await self._reader.readuntil(b"\r\n\r\n")).decode("latin-1")
            first, *lines = head.rstrip("\r\n").split("\r\n")
            headers = dict(line.split(": ", 1) for line in lines)
            assert len(headers) == len(lines), "a header stands there twice"
            body = await self._reader.readexactly(int(headers.get("content-length", 0)))
        return Answer(int(first.split()[1]), headers, body)

    async def answers(self, many: int) -> list[Answer]:
        """The next answers."""
        return [await self.answer() for _ in range(many)]

    async def ask(self, *pieces: bytes) -> Answer:
        """The answer to what is sent."""
        self.send(*pieces)
        return await self.answer()

    async def ended(self) -> bool:
        """Whether the server closes the connection, and sends nothing more before."""
        async with asyncio.timeout(_PATIENCE):
            return await self._reader.read() == b""

    async def says_nothing(self, seconds: float) -> bool:
        """Whether nothing comes for so long."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._reader.readexactly(1)
                return False
        return True

    def close(self) -> None:
        """Say goodbye."""
        self._writer.close()

    def cut(self) -> None:
        """Go without a word."""
        self._writer.transport.abort()


class Together:
    """AssessMany, and how many it was asked about each time."""

    def __init__(self, assess: Callable[[Sequence[Any]], Awaitable[Any]]) -> None:
        self._assess = assess
        self.sizes: list[int] = []

    async def __call__(self, asked: Sequence[Any]) -> Any:
        self.sizes.append(len(asked))
        return await self._assess(asked)


class Held(MemoryDecisions):
    """A ledger that records nothing until it may go on."""

    def __init__(self) -> None:
        super().__init__()
        self.reached, self.go_on = asyncio.Event(), asyncio.Event()

    async def record_each(
        self, entries: Sequence[tuple[DecisionRecord, Claim | None]]
    ) -> Sequence[DecisionRecord | Exception]:
        self.reached.set()
        await self.go_on.wait()
        return await super().record_each(entries)


class FailsOn(TableCreditModel):
    """A model that fails on whoever asks for an amount, and whoever is looked at with them."""

    def __init__(self, amount: float) -> None:
        super().__init__(load_bundle(CHAMPION))
        self._amount = amount

    def predict_all(self, applicants: Sequence[Characteristics]) -> Sequence[Prediction]:
        if any(each.loan_amnt == self._amount for each in applicants):
            raise ZeroDivisionError("this amount")
        return super().predict_all(applicants)


class _Server(uvicorn.Server):
    """uvicorn's, which looks oftener than ten times a second whether it is to stop."""

    async def main_loop(self) -> None:
        for turn in count():
            if await self.on_tick(turn):
                return
            await asyncio.sleep(0.002)


class StraightServer:
    """The API, being served."""

    def __init__(
        self, service: Any, observability: Observability, log: io.StringIO, use_cases: UseCases, idle: float
    ) -> None:
        self._service = service
        self._observability = observability
        self._log = log
        self.together = Together(use_cases.assess_many)
        app = create_app(
            replace(use_cases, assess_many=self.together),  # type: ignore[arg-type] # it is called alike
            version="1",
            middleware=(observability.middleware,),
            answered=observability.answered_requests,
        )
        self._listening = socket.create_server(("127.0.0.1", 0))
        self._address = self._listening.getsockname()
        self.uvicorn = _Server(
            uvicorn.Config(
                app,
                http="entrypoints.api.fast_path.decision_protocol:DecisionProtocol",
                ws="none",
                lifespan="on",
                log_config=None,
                access_log=False,
                server_header=False,
                proxy_headers=False,
                timeout_keep_alive=idle,  # type: ignore[arg-type] # parts of a second do as well
                timeout_graceful_shutdown=3,
            )
        )
        self._serving = asyncio.create_task(self.uvicorn.serve(sockets=[self._listening]))
        self._wires: list[Wire] = []

    async def ready(self) -> None:
        await until(lambda: self.uvicorn.started and self.uvicorn.server_state.default_headers)

    async def close(self) -> None:
        for wire in self._wires:
            wire.close()
        self.uvicorn.should_exit = True
        await self._serving

    @property
    def stopping(self) -> bool:
        """Whether it is stopping: then it has told its connections."""
        return self._listening.fileno() == -1

    async def connect(self) -> Wire:
        """A connection that the server has accepted."""
        before = self.connections
        wire = Wire(*await asyncio.open_connection(*self._address))
        self._wires.append(wire)
        await until(lambda: self.connections > before)
        return wire

    @property
    def connections(self) -> int:
        """How many are connected."""
        return len(self.uvicorn.server_state.connections)

    def post(
        self,
        body: bytes = GOOD,
        *,
        path: str = PATH,
        http: str = "1.1",
        role: Role = Role.SERVICE,
        **headers: str | None,
    ) -> bytes:
        """A request for a decision; a header of None is left out, `x_request_id` is X-Request-ID."""
        usual = {
            "host": "x",
            "authorization": self._service.as_(role)["Authorization"],
            "content_type": "application/json",
            "content_length": str(len(body)),
        }
        lines = [
            f"{name.replace('_', '-')}: {value}\r\n"
            for name, value in {**usual, **headers}.items()
            if value is not None
        ]
        return f"POST {path} HTTP/{http}\r\n{''.join(lines)}\r\n".encode() + body

    async def ask_together(self, *requests: bytes) -> list[Answer]:
        """The answers to requests that all come in the same turn of the event loop, each on its connection."""
        wires = [await self.connect() for _ in requests]
        for wire, request in zip(wires, requests, strict=True):
            wire.send(request)
        return [await wire.answer() for wire in wires]

    async def lines(self, event: str = "request") -> list[dict[str, Any]]:
        """The log's lines of an event."""
        await asyncio.sleep(0.001)  # they leave at the end of a turn
        told = [json.loads(line) for line in self._log.getvalue().splitlines()]
        return [line for line in told if line["event"] == event]

    def counted(self, status: str) -> float:
        """How many requests for decisions were answered with "2xx", "4xx" or "5xx"."""
        series = f'scoring_request_duration_seconds_count{{method="POST",route="{PATH}",status="{status}"}} '
        found = [line for line in self.shown.splitlines() if line.startswith(series)]
        return float(found[0].removeprefix(series)) if found else 0.0

    @property
    def shown(self) -> str:
        """The metrics."""
        return self._observability.metrics.exposition()[0].decode()

    @property
    def recorded(self) -> int:
        """How many decisions are on record."""
        return len(self._service.decisions.records())


Serving = Callable[..., Awaitable[StraightServer]]


@asynccontextmanager
async def _served(server: StraightServer) -> Any:
    await server.ready()
    try:
        yield server
    finally:
        await server.close()


@pytest.fixture
async def serving(service: Any, start: Any, log: io.StringIO) -> Any:
    """Serves what is behind `service`, some of it replaced: use cases by name, or the `model`.

    A connection may be `idle` for so many seconds.
    """
    async with AsyncExitStack() as stack:

        async def serve(*, model: Any = None, idle: float = 5.0, **replaced: Any) -> StraightServer:
            use_cases = service.use_cases()
            if model is not None:
                assess = replace(use_cases.assess, model=model)
                use_cases = replace(
                    use_cases,
                    assess=assess,
                    assess_once=AssessOnce(assess),
                    assess_many=AssessMany(assess),
                )
            server = StraightServer(service, start(), log, replace(use_cases, **replaced), idle)
            return await stack.enter_async_context(_served(server))

        yield serve


@pytest.fixture
async def server(serving: Serving) -> StraightServer:
    """All as ever."""
    return await serving()


@pytest.fixture
async def wire(server: StraightServer) -> Wire:
    """A connection to it."""
    return await server.connect()


async def send_what_will_be_refused(server: StraightServer, wire: Wire, held: Held, **headers: str) -> None:
    """Use a key, and send another request under it, which is held where it is recorded when this returns."""
    held.go_on.set()
    await wire.ask(server.post(idempotency_key="k-1"))
    held.go_on.clear()
    held.reached.clear()
    wire.send(server.post(a_body(dti=1.0), idempotency_key="k-1", **headers))
    await held.reached.wait()
