"""Load on a running service: concurrent callers, each with its own connection, one request after another."""

import asyncio
import json
import ssl
import threading
import time
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import count
from types import TracebackType
from typing import Any, Protocol, Self
from uuid import uuid4

from domain.products.personal_loan import EXAMPLE

_PAUSE = 0.02


class Target(Protocol):
    """A service on a port of this machine."""

    api_port: int
    authorization: str
    """The Authorization header of the callers."""


@dataclass(frozen=True)
class Answer:
    """A response, and its duration in seconds."""

    status: int
    headers: dict[str, str]
    body: bytes
    seconds: float

    @property
    def content(self) -> dict[str, Any]:
        """The body as JSON."""
        read: dict[str, Any] = json.loads(self.body)
        return read


@dataclass
class LoadResult:
    """The responses that callers received; `cut` counts connections that ended before a response."""

    decided: list[str] = field(default_factory=list)
    refused: list[Answer] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)
    cut: int = 0

    @property
    def slowest(self) -> float:
        """The duration of the slowest decision, in seconds."""
        return max(self.seconds)

    @property
    def p99(self) -> float:
        """The 99th percentile of durations, in seconds."""
        return sorted(self.seconds)[int(len(self.seconds) * 0.99)]


def prediction_request(service: Target, number: int, *, key: str | None = None) -> bytes:
    """A request for a decision on an applicant that differs for every number."""
    body = json.dumps({**EXAMPLE, "annual_inc": 20_000 + number}).encode()
    keyed = "" if key is None else f"Idempotency-Key: {key}\r\n"
    head = (
        f"POST /api/v1/predictions HTTP/1.1\r\nHost: 127.0.0.1\r\n{service.authorization}\r\n{keyed}"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


async def read_answer(reader: asyncio.StreamReader, started: float) -> Answer:
    """Read the next response on a connection."""
    head = (await reader.readuntil(b"\r\n\r\n")).decode().splitlines()
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in head[1:-1])}
    body = await reader.readexactly(int(headers["content-length"]))
    return Answer(int(head[0].split()[1]), headers, body, time.monotonic() - started)


class Callers:
    """Concurrent callers, as a context manager; `stop` ends them early.

    With `keyed`, each request has an Idempotency-Key, and is retried with it until there is a decision. With
    `tls`, callers use HTTPS. With `requests_per_connection`, they connect again after so many. Each caller waits
    `pause` seconds after an answer.
    """

    def __init__(
        self,
        service: Target,
        connections: int = 16,
        *,
        keyed: bool = False,
        tls: ssl.SSLContext | None = None,
        requests_per_connection: int | None = None,
        pause: float = 0.0,
    ) -> None:
        self.result = LoadResult()
        self._tls = tls
        self._pause = pause
        self._requests_per_connection = requests_per_connection
        self._service = service
        self._connections = connections
        self._keyed = keyed
        self._name = uuid4()
        self._numbers = count()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._run()))

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: BaseException | TracebackType | None) -> None:
        self.stop()

    def stop(self) -> LoadResult:
        """Stop all callers after the responses to their last requests."""
        self._stopping.set()
        self._thread.join(15)
        assert not self._thread.is_alive(), "a caller got no response"
        return self.result

    async def _run(self) -> None:
        await asyncio.gather(*(self._call() for _ in range(self._connections)))

    async def _call(self) -> None:
        while not self._stopping.is_set():
            try:
                reader, writer = await self._connect()
            except OSError:
                await asyncio.sleep(_PAUSE)
                continue
            try:
                await self._send_requests(reader, writer)
            finally:
                writer.close()
                with suppress(OSError):
                    await writer.wait_closed()

    async def _connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        return await asyncio.open_connection("127.0.0.1", self._service.api_port, ssl=self._tls)

    async def _send_requests(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for sent in count():
            if self._stopping.is_set() or sent == self._requests_per_connection:
                return
            number = next(self._numbers)
            key = f"{self._name}-{number}" if self._keyed else None
            request = prediction_request(self._service, number, key=key)
            started = time.monotonic()
            try:
                writer.write(request)
                answer = await read_answer(reader, started)
            except (OSError, asyncio.IncompleteReadError):
                self.result.cut += 1
                if self._keyed:
                    await self._retry(request)
                return
            await self._note(answer)
            if self._keyed and answer.status != 200:
                await self._retry(request)
            if answer.headers.get("connection") == "close":
                return
            if self._pause:
                await asyncio.sleep(self._pause)

    async def _note(self, answer: Answer) -> None:
        if answer.status == 200:
            self.result.decided.append(answer.content["request_id"])
            self.result.seconds.append(answer.seconds)
        else:
            self.result.refused.append(answer)
            await asyncio.sleep(_PAUSE)

    async def _retry(self, request: bytes) -> None:
        """Retry until there is a decision."""
        while True:
            try:
                reader, writer = await self._connect()
                try:
                    writer.write(request)
                    answer = await read_answer(reader, time.monotonic())
                finally:
                    writer.close()
            except (OSError, asyncio.IncompleteReadError):
                await asyncio.sleep(_PAUSE)
                continue
            await self._note(answer)
            if answer.status == 200:
                return


def all_unavailable_with_retry_after(answers: Iterable[Answer]) -> bool:
    """Whether all of these are problem details with status 503 and Retry-After."""
    return all(
        answer.status == 503
        and answer.headers["content-type"] == "application/problem+json"
        and int(answer.headers["retry-after"]) > 0
        and answer.content["status"] == 503
        for answer in answers
    )
