"""A load that comes at a steady rate, however the server does; what waits for a free connection is late.

Every application is new. Runs in a process of its own, bounded in time and in what may wait; only 127.0.0.1.
"""

import asyncio
import gc
import json
import sys
import time
from array import array
from collections import deque
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import uvloop

from bench.applications import all_requests
from bench.load import Answers

_LONGEST_QUEUE = 10_000
_TICK = 0.001


@dataclass(frozen=True)
class Order:
    """What load is wanted: requests a second, on so many connections, for so long; counted by `window` seconds."""

    port: int
    authorization: str
    per_second: float
    connections: int
    seconds: float
    window: float
    seed: int


class Told:
    """When answers came (seconds since the start), how long after they were due, and what went wrong when."""

    def __init__(self) -> None:
        self.at, self.late = array("d"), array("d")
        self.errors = array("d")

    def summary(self, since: float, until: float) -> dict[str, float]:
        """Of the answers that came in this time."""
        late = sorted(late for at, late in zip(self.at, self.late, strict=True) if since <= at < until)
        return {
            "answers": len(late),
            "p50_ms": 1000 * late[len(late) // 2] if late else 0.0,
            "p99_ms": 1000 * late[int(len(late) * 0.99)] if late else 0.0,
            "errors": sum(since <= at < until for at in self.errors),
        }


class Pace:
    """Sends what is due on whatever connection is free."""

    def __init__(self, order: Order) -> None:
        self.told = Told()
        self._order = order
        self._requests = all_requests(order.authorization, order.seed)
        self._free: deque[Paced] = deque()
        self._due: deque[float] = deque()
        self._open = 0
        self.began = 0.0

    async def keep(self) -> None:
        """From the first request to the last answer."""
        for _ in range(self._order.connections):
            await self._connect()
        gc.collect()
        gc.freeze()
        self.began = time.perf_counter()
        sent = 0
        while (passed := time.perf_counter() - self.began) < self._order.seconds:
            for number in range(sent, int(passed * self._order.per_second)):
                self._let_come(number / self._order.per_second)
                sent = number + 1
            self._send()
            await asyncio.sleep(_TICK)
        await self._wait_for_the_last()

    async def _wait_for_the_last(self) -> None:
        """For ten seconds; what has no answer then has failed."""
        for _ in range(int(10 / _TICK)):
            if not self._due and len(self._free) == self._open:
                return
            await asyncio.sleep(_TICK)
        self.told.errors.extend([self._order.seconds] * (len(self._due) + self._open - len(self._free)))

    async def _connect(self) -> None:
        loop = asyncio.get_running_loop()
        await loop.create_connection(lambda: Paced(self), "127.0.0.1", self._order.port)

    def _let_come(self, due: float) -> None:
        if len(self._due) < _LONGEST_QUEUE:
            self._due.append(due)
        else:
            self.told.errors.append(due)

    def _send(self) -> None:
        while self._due and self._free:
            self._free.popleft().ask(next(self._requests).encode(), self._due.popleft())

    def opened(self, connection: "Paced") -> None:
        """One more connection."""
        self._open += 1
        self._free.append(connection)

    def lost(self, connection: "Paced") -> None:
        """One less, and a new one in its place; an error where somebody waited for an answer on it."""
        self._open -= 1
        if connection in self._free:
            self._free.remove(connection)
        else:
            self.told.errors.append(time.perf_counter() - self.began)
        asyncio.get_running_loop().create_task(self._connect())

    def answered(self, connection: "Paced", due: float, good: bool) -> None:
        """Count an answer, and give the connection the next request."""
        now = time.perf_counter() - self.began
        self.told.at.append(now)
        self.told.late.append(now - due)
        if not good:
            self.told.errors.append(now)
        self._free.append(connection)
        self._send()


class Paced(Answers):
    """A connection that asks when it is told to."""

    def __init__(self, pace: Pace) -> None:
        super().__init__()
        self._pace = pace
        self._due = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Be there for a request."""
        super().connection_made(transport)
        self._pace.opened(self)

    def ask(self, request: bytes, due: float) -> None:
        """Send a request that was due at that time."""
        self._due = due
        self._transport.write(request)

    def answered(self, good: bool) -> None:
        """Hand the answer on."""
        self._pace.answered(self, self._due, good)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - asyncio's signature
        """Nobody closes it but the server."""
        self._pace.lost(self)


def periods(order: Order) -> Iterator[tuple[str, float, float]]:
    """The windows, and the first and the last third."""
    windows = round(order.seconds / order.window)
    for number in range(windows):
        yield str(number), number * order.window, (number + 1) * order.window
    yield "first third", 0.0, order.seconds / 3
    yield "last third", order.seconds * 2 / 3, order.seconds
    yield "all", 0.0, float("inf")


async def run(order: Order) -> dict[str, dict[str, float]]:
    """Load the server and say how it did in each period."""
    pace = Pace(order)
    await pace.keep()
    return {name: pace.told.summary(since, until) for name, since, until in periods(order)}


def ordered(order: Order) -> str:
    """The order as text."""
    return json.dumps(asdict(order))


if __name__ == "__main__":
    print(json.dumps(uvloop.run(run(Order(**json.loads(Path(sys.argv[1]).read_text()))))))  # noqa: T201 - its answer
