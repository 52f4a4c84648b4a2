"""Turns: whoever comes together is served together, in two parties that take turns.

While one party is being put on record, the other is decided on: then neither the process nor the database waits.
Left to themselves parties would stay as unequal as chance made them, since who was answered together comes again
together; and of two unequal ones the process waits for the larger.
"""

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from typing import Any, Generic, TypeVar

Waiting = TypeVar("Waiting")

_FEWEST = 4
"""So many are not divided: they take little longer than one alone."""


class MicroBatcher(Generic[Waiting]):
    """Serves whoever waits, by a task for each party; `serve` sees to its own faults."""

    def __init__(self, serve: Callable[[Sequence[Waiting]], Coroutine[Any, Any, None]]) -> None:
        self._serve = serve
        self._waiting: list[Waiting] = []
        self._seen = 0
        self._served = 0
        self._tasks: set[asyncio.Task[None]] = set()

    def wait(self, one: Waiting) -> None:
        """Come to be served, with whoever comes in this turn of the event loop or just behind."""
        self._waiting.append(one)
        if len(self._waiting) == 1:
            self._look_soon()

    def serve_alone(self, one: Waiting) -> None:
        """Serve somebody for whom nobody else should have to wait."""
        self._start((one,))

    def _look_soon(self) -> None:
        loop = asyncio.get_running_loop()
        loop.call_soon(loop.call_soon, self._look)  # once more round: who comes just behind comes along

    def _look(self) -> None:
        """Let a party go, of at most half of all there are; not while more are coming and others are served."""
        there = len(self._waiting)
        if self._seen < there < self._served:
            self._seen = there
            asyncio.get_running_loop().call_soon(self._look)
            return
        self._seen = 0
        most = max(_FEWEST, (there + self._served + 1) // 2)
        party, self._waiting = self._waiting[:most], self._waiting[most:]
        if self._waiting:
            self._look_soon()
        self._served += len(party)
        self._start(party).add_done_callback(lambda _: self._was_served(len(party)))

    def _was_served(self, many: int) -> None:
        self._served -= many

    def _start(self, party: Sequence[Waiting]) -> "asyncio.Task[None]":
        task = asyncio.get_running_loop().create_task(self._serve(party))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task
