"""A load generator for servers on this machine: keep-alive connections, one request at a time on each.

Plain sockets under uvloop: a client library would take longer for a request than the servers that are measured.
Runs in a process of its own, bounded in time; only 127.0.0.1.
"""

import asyncio
import json
import sys
import time
from dataclasses import dataclass
from itertools import cycle
from pathlib import Path
from typing import Any

import uvloop


@dataclass
class Tally:
    """What came back: seconds each answer took, and how many were not 200."""

    seconds: list[float]
    errors: int = 0


class Answers(asyncio.Protocol):
    """Reads one answer after another."""

    def __init__(self) -> None:
        self._buffer = b""
        self._transport: Any = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep what requests are written to."""
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        """Notice a complete answer."""
        self._buffer += data
        head = self._buffer.find(b"\r\n\r\n")
        if head < 0:
            return
        at = self._buffer[:head].lower().find(b"content-length:")
        length = int(self._buffer[at + 15 : self._buffer.find(b"\r", at)])
        if len(self._buffer) < head + 4 + length:
            return
        good = self._buffer[9:12] == b"200"
        self._buffer = b""
        self.answered(good)

    def answered(self, good: bool) -> None:
        """An answer is complete, with status 200 or another."""
        raise NotImplementedError


class Connection(Answers):
    """Sends the next request as soon as an answer is complete."""

    def __init__(self, requests: "cycle[bytes]", tally: Tally, until: float, done: "asyncio.Future[None]") -> None:
        super().__init__()
        self._requests, self._tally, self._until, self._done = requests, tally, until, done
        self._began = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Send the first request."""
        super().connection_made(transport)
        self._send()

    def _send(self) -> None:
        self._began = time.perf_counter()
        self._transport.write(next(self._requests))

    def answered(self, good: bool) -> None:
        """Count the answer and go on until time is up."""
        now = time.perf_counter()
        self._tally.seconds.append(now - self._began)
        self._tally.errors += not good
        if now < self._until:
            self._send()
        else:
            self._transport.close()

    def connection_lost(self, exc: Exception | None) -> None:
        """Finish; a connection lost before its time is an error."""
        self._tally.errors += exc is not None
        if not self._done.done():
            self._done.set_result(None)


async def run(port: int, requests: list[bytes], connections: int, seconds: float) -> dict[str, float]:
    """Load a server and say what it did."""
    loop = asyncio.get_running_loop()
    tally = Tally([])
    began = time.perf_counter()
    finished = []
    for index in range(connections):
        done = loop.create_future()
        finished.append(done)
        share = cycle(requests[index::connections])
        await loop.create_connection(
            lambda share=share, done=done: Connection(share, tally, began + seconds, done), "127.0.0.1", port
        )
    await asyncio.gather(*finished)
    took = time.perf_counter() - began
    ordered = sorted(tally.seconds)
    return {
        "per_second": len(ordered) / took,
        "p50_ms": 1000 * ordered[len(ordered) // 2],
        "p99_ms": 1000 * ordered[int(len(ordered) * 0.99)],
        "errors": tally.errors,
    }


if __name__ == "__main__":
    order = json.loads(Path(sys.argv[1]).read_text())
    bodies = [request.encode() for request in order["requests"]]
    print(json.dumps(uvloop.run(run(order["port"], bodies, order["connections"], order["seconds"]))))  # noqa: T201 - its answer
