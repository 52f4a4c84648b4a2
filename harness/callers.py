"""Callers who press a running service, each on a connection of its own, one request after another."""

import asyncio
import json
import threading
import time
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import count
from types import TracebackType
from typing import Any, Protocol, Self
from uuid import uuid4

from entrypoints.api.decisions.loan_application_body import EXAMPLE

_PAUSE = 0.02


class Called(Protocol):
    """Whatever answers callers on a port of this machine."""

    api_port: int
    authorization: str
    """The header that says who calls."""


@dataclass(frozen=True)
class Answer:
    """One answer, and how many seconds it took."""

    status: int
    headers: dict[str, str]
    body: bytes
    seconds: float

    @property
    def content(self) -> dict[str, Any]:
        """The JSON in it."""
        read: dict[str, Any] = json.loads(self.body)
        return read


@dataclass
class Heard:
    """What callers were told. `cut` counts requests whose connection ended before an answer."""

    decided: list[str] = field(default_factory=list)
    refused: list[Answer] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)
    cut: int = 0

    @property
    def slowest(self) -> float:
        """Seconds of the slowest decision."""
        return max(self.seconds)

    @property
    def p99(self) -> float:
        """Seconds within which 99 of 100 decisions came."""
        return sorted(self.seconds)[int(len(self.seconds) * 0.99)]


def prediction_request(service: Called, number: int, *, key: str | None = None) -> bytes:
    """A request for a decision on an applicant unlike any of another number."""
    body = json.dumps({**EXAMPLE, "annual_inc": 20_000 + number}).encode()
    keyed = "" if key is None else f"Idempotency-Key: {key}\r\n"
    head = (
        f"POST /api/v1/predictions HTTP/1.1\r\nHost: 127.0.0.1\r\n{service.authorization}\r\n{keyed}"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


async def read_answer(reader: asyncio.StreamReader, began: float) -> Answer:
    """The next answer on a connection."""
    head = (await reader.readuntil(b"\r\n\r\n")).decode().splitlines()
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in head[1:-1])}
    body = await reader.readexactly(int(headers["content-length"]))
    return Answer(int(head[0].split()[1]), headers, body, time.monotonic() - began)


class Callers:
    """So many callers, from `with` to `stop` or the end of the block.

    Those who come with an Idempotency-Key ask again with the same key until they are given a decision.
    """

    def __init__(self, service: Called, connections: int = 16, *, keyed: bool = False) -> None:
        self.heard = Heard()
        self._service = service
        self._connections = connections
        self._keyed = keyed
        self._name = uuid4()
        self._numbers = count()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._press()))

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: BaseException | TracebackType | None) -> None:
        self.stop()

    def stop(self) -> Heard:
        """Let everybody hear the answer to the last request, and go."""
        self._stopping.set()
        self._thread.join(15)
        assert not self._thread.is_alive(), "a caller waits for an answer in vain"
        return self.heard

    async def _press(self) -> None:
        await asyncio.gather(*(self._call() for _ in range(self._connections)))

    async def _call(self) -> None:
        while not self._stopping.is_set():
            try:
                reader, writer = await asyncio.open_connection("127.0.0.1", self._service.api_port)
            except OSError:
                await asyncio.sleep(_PAUSE)
                continue
            try:
                await self._ask(reader, writer)
            finally:
                writer.close()
                with suppress(OSError):
                    await writer.wait_closed()

    async def _ask(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while not self._stopping.is_set():
            number = next(self._numbers)
            key = f"{self._name}-{number}" if self._keyed else None
            request = prediction_request(self._service, number, key=key)
            began = time.monotonic()
            try:
                writer.write(request)
                answer = await read_answer(reader, began)
            except (OSError, asyncio.IncompleteReadError):
                self.heard.cut += 1
                if self._keyed:
                    await self._insist(request)
                return
            await self._hear(answer)
            if self._keyed and answer.status != 200:
                await self._insist(request)
            if answer.headers.get("connection") == "close":
                return

    async def _hear(self, answer: Answer) -> None:
        if answer.status == 200:
            self.heard.decided.append(answer.content["request_id"])
            self.heard.seconds.append(answer.seconds)
        else:
            self.heard.refused.append(answer)
            await asyncio.sleep(_PAUSE)

    async def _insist(self, request: bytes) -> None:
        """Ask again until there is a decision."""
        while True:
            try:
                reader, writer = await asyncio.open_connection("127.0.0.1", self._service.api_port)
                try:
                    writer.write(request)
                    answer = await read_answer(reader, time.monotonic())
                finally:
                    writer.close()
            except (OSError, asyncio.IncompleteReadError):
                await asyncio.sleep(_PAUSE)
                continue
            await self._hear(answer)
            if answer.status == 200:
                return


def told_to_come_back(answers: Iterable[Answer]) -> bool:
    """Whether all of these are 503 problem details that say when to try again."""
    return all(
        answer.status == 503
        and answer.headers["content-type"] == "application/problem+json"
        and int(answer.headers["retry-after"]) > 0
        and answer.content["status"] == 503
        for answer in answers
    )
