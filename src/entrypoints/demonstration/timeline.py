"""The simulated time line: stories go on at the times that they ask for, in the order of these times."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from heapq import heappop, heappush
from itertools import count
from random import Random

Story = AsyncGenerator[datetime, None]
"""What happens to one subject: it yields the time at which it goes on, and does then what comes next."""
SetTime = Callable[[datetime, Random], None]
_AT_ONCE = 12
_TOGETHER = timedelta(hours=2)
"""Stories whose times are so close go on together, because the database can do several things at once."""


@dataclass(order=True, slots=True)
class _Waiting:
    at: datetime
    order: int
    story: Story = field(compare=False)
    random: Random = field(compare=False)


class Timeline:
    """Stories that wait for their time."""

    def __init__(self, set_time: SetTime) -> None:
        self._set_time = set_time
        self._waiting: list[_Waiting] = []
        self._order = count()

    async def begin(self, at: datetime, story: Story, random: Random) -> None:
        """Let a story begin, which does nothing before the first time that it yields."""
        await asyncio.create_task(self._go_on(_Waiting(at, next(self._order), story, random)))

    async def run(self, until: datetime) -> None:
        """Let the stories go on that wait for a time before this one."""
        while self._waiting and self._waiting[0].at < until:
            last = min(until, self._waiting[0].at + _TOGETHER)
            together: list[_Waiting] = []
            while self._waiting and self._waiting[0].at < last and len(together) < _AT_ONCE:
                together.append(heappop(self._waiting))
            await asyncio.gather(*(self._go_on(waiting) for waiting in together))

    async def end(self) -> None:
        """End all stories where they are."""
        for waiting in self._waiting:
            await waiting.story.aclose()
        self._waiting.clear()

    async def _go_on(self, waiting: _Waiting) -> None:
        self._set_time(waiting.at, waiting.random)
        try:
            following = await anext(waiting.story)
        except StopAsyncIteration:
            return
        heappush(
            self._waiting, _Waiting(max(following, waiting.at), next(self._order), waiting.story, waiting.random)
        )
