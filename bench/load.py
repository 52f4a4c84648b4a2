"""A load generator for servers on this machine: keep-alive connections, one request at a time on each.

Plain sockets under uvloop: a client library would take longer per request than the measured servers.
Runs in a separate process, bounded in time; only 127.0.0.1.
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
class Results:
    """Seconds of each response, and the number of responses other than 200."""

    seconds: list[float]
    errors: int = 0


class ResponseReader(asyncio.Protocol):
    """Reads one response after another."""

    def __init__(self) -> None:
        self._buffer = b""
        self._transport: Any = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the transport."""
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        """Detect a complete response."""
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
        """Handle a complete response; `good`: its status is 200."""
        raise NotImplementedError


class Connection(ResponseReader):
    """Sends the next request after each response."""

    def __init__(
        self, requests: "cycle[bytes]", results: Results, until: float, done: "asyncio.Future[None]"
    ) -> None:
        super().__init__()
        self._requests, self._results, self._until, self._done = requests, results, until, done
        self._began = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Send the first request."""
        super().connection_made(transport)
        self._send()

    def _send(self) -> None:
        self._began = time.perf_counter()
        self._transport.write(next(self._requests))

    def answered(self, good: bool) -> None:
        """Count the response and continue until the time is up."""
        now = time.perf_counter()
        self._results.seconds.append(now - self._began)
        self._results.errors += not good
        if now < self._until:
            self._send()
        else:
            self._transport.close()

    def connection_lost(self, exc: Exception | None) -> None:
        """Finish; a connection that is lost early is an error."""
        self._results.errors += exc is not None
        if not self._done.done():
            self._done.set_result(None)


async def run(port: int, requests: list[bytes], connections: int, seconds: float) -> dict[str, float]:
    """Load a server and return the measurements."""
    loop = asyncio.get_running_loop()
    results = Results([])
    used_before = time.process_time()
    began = time.perf_counter()
    finished = []
    for index in range(connections):
        done = loop.create_future()
        finished.append(done)
        share = cycle(requests[index::connections])
        await loop.create_connection(
            lambda share=share, done=done: Connection(share, results, began + seconds, done), "127.0.0.1", port
        )
    await asyncio.gather(*finished)
    took = time.perf_counter() - began
    used = time.process_time() - used_before
    ordered = sorted(results.seconds)
    return {
        "per_second": len(ordered) / took,
        "p50_ms": 1000 * ordered[len(ordered) // 2],
        "p99_ms": 1000 * ordered[int(len(ordered) * 0.99)],
        "errors": results.errors,
        "generator_us": 1e6 * used / len(ordered),
    }


if __name__ == "__main__":
    plan = json.loads(Path(sys.argv[1]).read_text())
    bodies = [request.encode() for request in plan["requests"]]
    print(json.dumps(uvloop.run(run(plan["port"], bodies, plan["connections"], plan["seconds"]))))  # noqa: T201 - the result
