"""Micro-batches: requests that arrive together are processed together, in two batches that alternate.

While one batch is being recorded the other is decided, so that neither the process nor the database is idle.
Without the limit of half of all requests, batches would stay as unequal as chance made them, since clients that
are answered together send their next requests together; and the process would wait for the larger batch.
"""

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from typing import Any, Generic, TypeVar

Request = TypeVar("Request")

_MIN_DIVIDED = 4
"""A batch of up to this many requests is not divided: it takes little longer than a single request."""


class MicroBatcher(Generic[Request]):
    """Gathers requests and processes each batch in a task of its own; `process` handles its own exceptions."""

    def __init__(self, process: Callable[[Sequence[Request]], Coroutine[Any, Any, None]]) -> None:
        self._process = process
        self._gathered: list[Request] = []
        self._last_gathered = 0
        self._in_progress = 0
        self._tasks: set[asyncio.Task[None]] = set()

    def submit(self, request: Request) -> None:
        """Process a request in a batch with those of this iteration of the event loop and the next."""
        self._gathered.append(request)
        if len(self._gathered) == 1:
            self._schedule_start()

    def submit_single(self, request: Request) -> None:
        """Process a request on its own, so that no other has to wait for it."""
        self._start((request,))

    def _schedule_start(self) -> None:
        loop = asyncio.get_running_loop()
        loop.call_soon(
            loop.call_soon, self._start_batch
        )  # one iteration more gathers requests that follow closely

    def _start_batch(self) -> None:
        """Start a batch of at most half of all requests; wait while others are in progress and more arrive."""
        gathered = len(self._gathered)
        if self._last_gathered < gathered < self._in_progress:
            self._last_gathered = gathered
            asyncio.get_running_loop().call_soon(self._start_batch)
            return
        self._last_gathered = 0
        size = max(_MIN_DIVIDED, (gathered + self._in_progress + 1) // 2)
        batch, self._gathered = self._gathered[:size], self._gathered[size:]
        if self._gathered:
            self._schedule_start()
        self._in_progress += len(batch)
        self._start(batch).add_done_callback(lambda _: self._end(len(batch)))

    def _end(self, size: int) -> None:
        self._in_progress -= size

    def _start(self, batch: Sequence[Request]) -> "asyncio.Task[None]":
        task = asyncio.get_running_loop().create_task(self._process(batch))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task
