"""The API on uvicorn in the test's event loop, and connections that send raw bytes."""

import asyncio
import io
import json
import re
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
from application.ports.decisions.decision_ledger import KeyHeld
from application.ports.decisions.idempotency import Claim
from application.use_cases.decisions.assess_many import AssessMany
from application.use_cases.decisions.assess_once import AssessOnce
from domain.access.user import Role
from domain.decisions.decision_record import DecisionRecord
from domain.models.characteristics import Characteristics
from domain.models.prediction import Prediction
from domain.products.personal_loan import EXAMPLE, PERSONAL_LOAN
from entrypoints.api.app import create_app
from support.memory.decisions import MemoryDecisions
from support.paths import CHAMPION

PATH = "/api/v1/predictions"
ASGI = PATH + "?"
"""A spelling of the same path that the fast path does not accept."""
GOOD = json.dumps(EXAMPLE).encode()
LIVE = b"GET /health/live HTTP/1.1\r\nHost: x\r\n\r\n"
IN_PROGRESS = "scoring_requests_in_progress 0.0"
_TIMEOUT_SECONDS = 5.0


async def until(true: Callable[[], object]) -> None:
    """Wait until it is true."""
    for _ in range(int(_TIMEOUT_SECONDS / 0.001)):
        if true():
            return
        await asyncio.sleep(0.001)
    raise AssertionError(f"not true within {_TIMEOUT_SECONDS:g} s")


def a_body(**changed: Any) -> bytes:
    """The example with changed fields."""
    return json.dumps({**EXAMPLE, **changed}).encode()


class Answer(NamedTuple):
    """A response."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def problem(self) -> Any:
        """The problem detail without its request_id, checked to be one."""
        problem = self.json
        assert self.headers["content-type"] == "application/problem+json"
        assert problem["status"] == self.status
        assert problem.pop("request_id") == self.headers["x-request-id"]
        return problem


class Connection:
    """A client's connection."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    def send(self, *pieces: bytes) -> None:
        """Send in one write."""
        self._writer.write(b"".join(pieces))

    async def answer(self) -> Answer:
        """The next response."""
        async with asyncio.timeout(_TIMEOUT_SECONDS):
            head = (await self._reader.readuntil(b"\r\n\r\n")).decode("latin-1")
            first, *lines = head.rstrip("\r\n").split("\r\n")
            headers = dict(line.split(": ", 1) for line in lines)
            assert len(headers) == len(lines), "a header is repeated"
            body = await self._reader.readexactly(int(headers.get("content-length", 0)))
        return Answer(int(first.split()[1]), headers, body)

    async def answers(self, many: int) -> list[Answer]:
        """The next responses."""
        return [await self.answer() for _ in range(many)]

    async def request(self, *pieces: bytes) -> Answer:
        """Send, and read the response."""
        self.send(*pieces)
        return await self.answer()

    async def is_closed(self) -> bool:
        """Whether the server closes the connection without sending anything more."""
        async with asyncio.timeout(_TIMEOUT_SECONDS):
            return await self._reader.read() == b""

    async def is_silent_for(self, seconds: float) -> bool:
        """Whether nothing arrives for this number of seconds."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._reader.readexactly(1)
                return False
        return True

    def close(self) -> None:
        """Close it."""
        self._writer.close()

    def abort(self) -> None:
        """Abort it."""
        self._writer.transport.abort()


class CountedBatches:
    """AssessMany that records the size of each batch."""

    def __init__(self, assess: Callable[[Sequence[Any]], Awaitable[Any]]) -> None:
        self._assess = assess
        self.sizes: list[int] = []

    async def __call__(self, requests: Sequence[Any]) -> Any:
        self.sizes.append(len(requests))
        return await self._assess(requests)


class BlockedLedger(MemoryDecisions):
    """A ledger that records nothing until it is unblocked."""

    def __init__(self) -> None:
        super().__init__()
        self.reached, self.unblocked = asyncio.Event(), asyncio.Event()

    async def record_each(
        self, entries: Sequence[tuple[DecisionRecord, Claim | None]]
    ) -> Sequence[DecisionRecord | Exception]:
        self.reached.set()
        await self.unblocked.wait()
        return await super().record_each(entries)


class HeldKeyLedger(MemoryDecisions):
    """A ledger where another transaction holds a key until it is released."""

    def __init__(self, key: str) -> None:
        super().__init__()
        self._key = key
        self.released = asyncio.Event()

    async def record_each(
        self, entries: Sequence[tuple[DecisionRecord, Claim | None]]
    ) -> Sequence[DecisionRecord | Exception]:
        if len(entries) == 1:
            await self.released.wait()
            return await super().record_each(entries)
        return [
            KeyHeld()
            if claim and claim.key == self._key
            else (await super(HeldKeyLedger, self).record_each([entry]))[0]
            for entry in entries
            for claim in entry[1:]
        ]


class FailingModel(TableCreditModel):
    """A model that fails on applications for an amount, and on all others of their batch."""

    def __init__(self, amount: float) -> None:
        super().__init__(load_bundle(CHAMPION, PERSONAL_LOAN))
        self._failing_amount = amount

    def predict_all(self, applicants: Sequence[Characteristics]) -> Sequence[Prediction]:
        if any(each[PERSONAL_LOAN.amount_place] == self._failing_amount for each in applicants):
            raise ZeroDivisionError("this amount")
        return super().predict_all(applicants)


class _Server(uvicorn.Server):
    """uvicorn's server, but stopping within milliseconds."""

    async def main_loop(self) -> None:
        for turn in count():
            if await self.on_tick(turn):
                return
            await asyncio.sleep(0.002)


class FastPathServer:
    """The API, being served."""

    def __init__(
        self, service: Any, observability: Observability, log: io.StringIO, use_cases: UseCases, idle: float
    ) -> None:
        self._service = service
        self._observability = observability
        self._log = log
        self._counted = CountedBatches(use_cases.assess_many)
        app = create_app(
            replace(use_cases, assess_many=self._counted),  # type: ignore[arg-type] # called alike
            version="1",
            middleware=(observability.middleware,),
            request_log=observability.request_log,
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
                timeout_keep_alive=idle,  # type: ignore[arg-type] # fractions work too
                timeout_graceful_shutdown=3,
            )
        )
        self._serving = asyncio.create_task(self.uvicorn.serve(sockets=[self._listening]))
        self._connections: list[Connection] = []

    @property
    def batch_sizes(self) -> list[int]:
        """The sizes of the batches decided so far."""
        return self._counted.sizes

    def fallbacks(self) -> dict[str, int]:
        """How many requests were left to the ASGI application, by reason."""
        series = re.findall(r'scoring_fast_path_fallbacks_total\{reason="(\w+)"\} (\d+)', self.shown)
        return {reason: int(count) for reason, count in series}

    async def ready(self) -> None:
        await until(lambda: self.uvicorn.started and self.uvicorn.server_state.default_headers)

    async def close(self) -> None:
        for connection in self._connections:
            connection.close()
        self.uvicorn.should_exit = True
        await self._serving

    @property
    def stopping(self) -> bool:
        """Whether it is stopping."""
        return self._listening.fileno() == -1

    async def connect(self) -> Connection:
        """A new connection, accepted by the server."""
        before = self.connections
        connection = Connection(*await asyncio.open_connection(*self._address))
        self._connections.append(connection)
        await until(lambda: self.connections > before)
        return connection

    @property
    def connections(self) -> int:
        """The number of connections."""
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
        """A request for a decision; headers of None are omitted, `x_request_id` is X-Request-ID."""
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

    async def send_together(self, *requests: bytes) -> list[Answer]:
        """The responses to requests that arrive together, each on its own connection."""
        connections = [await self.connect() for _ in requests]
        for connection, request in zip(connections, requests, strict=True):
            connection.send(request)
        return [await connection.answer() for connection in connections]

    async def lines(self, event: str = "request") -> list[dict[str, Any]]:
        """The log lines of an event."""
        await asyncio.sleep(0.001)  # lines are written at the end of the iteration
        lines = [json.loads(line) for line in self._log.getvalue().splitlines()]
        return [line for line in lines if line["event"] == event]

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
        """The number of recorded decisions."""
        return len(self._service.decisions.records())


Serving = Callable[..., Awaitable[FastPathServer]]


@asynccontextmanager
async def _served(server: FastPathServer) -> Any:
    await server.ready()
    try:
        yield server
    finally:
        await server.close()


@pytest.fixture
async def serving(service: Any, start: Any, log: io.StringIO) -> Any:
    """Starts servers over `service`, with replaced use cases or `model`, and `idle` seconds for connections."""
    async with AsyncExitStack() as stack:

        async def serve(
            *, model: Any = None, idle: float = 5.0, observability: Any = None, **replaced: Any
        ) -> FastPathServer:
            use_cases = service.use_cases()
            if model is not None:
                assess = replace(use_cases.assess, model=model)
                use_cases = replace(
                    use_cases,
                    assess=assess,
                    assess_once=AssessOnce(assess),
                    assess_many=AssessMany(assess),
                    supersede=replace(use_cases.supersede, assess=assess),
                )
            server = FastPathServer(service, observability or start(), log, replace(use_cases, **replaced), idle)
            return await stack.enter_async_context(_served(server))

        yield serve


@pytest.fixture
async def server(serving: Serving) -> FastPathServer:
    """A server."""
    return await serving()


@pytest.fixture
async def connection(server: FastPathServer) -> Connection:
    """A connection to the server."""
    return await server.connect()


async def send_reused_key(
    server: FastPathServer, connection: Connection, ledger: BlockedLedger, **headers: str
) -> None:
    """Use a key, then send another request under it, which waits in the ledger when this returns."""
    ledger.unblocked.set()
    await connection.request(server.post(idempotency_key="k-1"))
    ledger.unblocked.clear()
    ledger.reached.clear()
    connection.send(server.post(a_body(dti=1.0), idempotency_key="k-1", **headers))
    await ledger.reached.wait()
