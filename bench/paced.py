"""A load at a constant rate, regardless of the server's speed; requests that wait for a free connection are late.

Every application is new. Runs in a separate process, bounded in time and in its queue; only 127.0.0.1.
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
from bench.load import ResponseReader

_MAX_QUEUE = 10_000
_TICK = 0.001


@dataclass(frozen=True)
class LoadPlan:
    """A load: its rate, connections and duration; results are counted per `window` seconds."""

    port: int
    authorization: str
    per_second: float
    connections: int
    seconds: float
    window: float
    seed: int


class PacedResults:
    """Times of responses and errors in seconds since the start, and the delay of each response."""

    def __init__(self) -> None:
        self.at, self.late = array("d"), array("d")
        self.errors = array("d")

    def summary(self, since: float, until: float) -> dict[str, float]:
        """The results of this period."""
        late = sorted(late for at, late in zip(self.at, self.late, strict=True) if since <= at < until)
        return {
            "answers": len(late),
            "p50_ms": 1000 * late[len(late) // 2] if late else 0.0,
            "p99_ms": 1000 * late[int(len(late) * 0.99)] if late else 0.0,
            "errors": sum(since <= at < until for at in self.errors),
        }


class Pace:
    """Sends due requests on free connections."""

    def __init__(self, plan: LoadPlan) -> None:
        self.results = PacedResults()
        self._plan = plan
        self._requests = all_requests(plan.authorization, plan.seed)
        self._free: deque[Paced] = deque()
        self._due: deque[float] = deque()
        self._open = 0
        self.began = 0.0

    async def keep(self) -> None:
        """Run from the first request to the last response."""
        for _ in range(self._plan.connections):
            await self._connect()
        gc.collect()
        gc.freeze()
        self.began = time.perf_counter()
        sent = 0
        while (passed := time.perf_counter() - self.began) < self._plan.seconds:
            for number in range(sent, int(passed * self._plan.per_second)):
                self._enqueue(number / self._plan.per_second)
                sent = number + 1
            self._send()
            await asyncio.sleep(_TICK)
        await self._wait_for_responses()

    async def _wait_for_responses(self) -> None:
        """Wait for ten seconds; requests without a response have failed."""
        for _ in range(int(10 / _TICK)):
            if not self._due and len(self._free) == self._open:
                return
            await asyncio.sleep(_TICK)
        self.results.errors.extend([self._plan.seconds] * (len(self._due) + self._open - len(self._free)))

    async def _connect(self) -> None:
        loop = asyncio.get_running_loop()
        await loop.create_connection(lambda: Paced(self), "127.0.0.1", self._plan.port)

    def _enqueue(self, due: float) -> None:
        if len(self._due) < _MAX_QUEUE:
            self._due.append(due)
        else:
            self.results.errors.append(due)

    def _send(self) -> None:
        while self._due and self._free:
            self._free.popleft().ask(next(self._requests).encode(), self._due.popleft())

    def opened(self, connection: "Paced") -> None:
        """Add a connection."""
        self._open += 1
        self._free.append(connection)

    def lost(self, connection: "Paced") -> None:
        """Replace a connection; an error if a request was in progress on it."""
        self._open -= 1
        if connection in self._free:
            self._free.remove(connection)
        else:
            self.results.errors.append(time.perf_counter() - self.began)
        asyncio.get_running_loop().create_task(self._connect())

    def answered(self, connection: "Paced", due: float, good: bool) -> None:
        """Count a response, and send the next request."""
        now = time.perf_counter() - self.began
        self.results.at.append(now)
        self.results.late.append(now - due)
        if not good:
            self.results.errors.append(now)
        self._free.append(connection)
        self._send()


class Paced(ResponseReader):
    """A connection that sends requests on demand."""

    def __init__(self, pace: Pace) -> None:
        super().__init__()
        self._pace = pace
        self._due = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Offer the connection."""
        super().connection_made(transport)
        self._pace.opened(self)

    def ask(self, request: bytes, due: float) -> None:
        """Send a request that was due at a time."""
        self._due = due
        self._transport.write(request)

    def answered(self, good: bool) -> None:
        """Report the response."""
        self._pace.answered(self, self._due, good)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - asyncio's signature
        """Report the loss: only the server closes it."""
        self._pace.lost(self)


def periods(plan: LoadPlan) -> Iterator[tuple[str, float, float]]:
    """The windows, and the first and the last third."""
    windows = round(plan.seconds / plan.window)
    for number in range(windows):
        yield str(number), number * plan.window, (number + 1) * plan.window
    yield "first third", 0.0, plan.seconds / 3
    yield "last third", plan.seconds * 2 / 3, plan.seconds
    yield "all", 0.0, float("inf")


async def run(plan: LoadPlan) -> dict[str, dict[str, float]]:
    """Load the server and return the results of each period."""
    pace = Pace(plan)
    await pace.keep()
    return {name: pace.results.summary(since, until) for name, since, until in periods(plan)}


def encode_plan(plan: LoadPlan) -> str:
    """The plan as JSON."""
    return json.dumps(asdict(plan))


if __name__ == "__main__":
    print(json.dumps(uvloop.run(run(LoadPlan(**json.loads(Path(sys.argv[1]).read_text()))))))  # noqa: T201 - its answer
