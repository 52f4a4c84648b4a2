"""A queueing model of the service: how many decisions per second it records, and how long each takes.

Each API process is a server that works on batches: it takes half of its waiting requests, decides them, and
hands them to its writer. The writer is a second server with batch service, the group commit: while one batch is
being committed, all further ones gather for the next. In both, a batch costs a fixed time and a time per decision.
Whatever computes (API, PostgreSQL, the load generator) shares the cores; waiting for the disk does not need one.

Not in the model: locks in PostgreSQL, checkpoints, garbage collection, the network, and keys.
"""

import heapq
import random
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import count
from math import inf

AFTER_COMMIT = 0.2
"""The share of a decision's work in the API that follows its commit: building and sending the response."""
_MIN_BATCH, _MAX_COMMIT = 4, 256
"""The smallest batch that is divided, and the largest group commit (`MicroBatcher`, `PostgresDecisionLedger`)."""


@dataclass(frozen=True)
class Costs:
    """Seconds of processor time per batch and per decision, and of waiting per commit (log-normal)."""

    api_batch: float
    api_decision: float
    postgres_batch: float
    postgres_decision: float
    generator: float
    """Per request, of the load generator where it runs on the same machine."""
    delay_median: float
    delay_sigma: float


@dataclass(frozen=True)
class Predicted:
    """Decisions per second, seconds of responses, the mean commit, and the share of the cores in use."""

    per_second: float
    p50: float
    p99: float
    commit_decisions: float
    utilization: float


@dataclass(eq=False)
class _Work:
    """Something that computes; `left` is its remaining time on a core of its own."""

    left: float
    done: Callable[[], None]


@dataclass(eq=False)
class _Process:
    """An API process with its writer."""

    waiting: deque[float] = field(default_factory=deque)
    """When each request was sent."""
    finished: deque[list[float]] = field(default_factory=deque)
    """Batches that are committed and not yet answered."""
    pending: list[float] = field(default_factory=list)
    busy: bool = False
    committing: bool = False
    in_progress: int = 0


class Simulation:
    """One run. `cores` are shared by everything on the machine, or infinite where each process has its own."""

    def __init__(self, costs: Costs, *, processes: int, cores: float, seed: int = 1) -> None:
        self._costs = costs
        self._cores = cores
        self._processes = [_Process() for _ in range(processes)]
        self._chance = random.Random(seed)  # noqa: S311 - not a secret
        self._now = 0.0
        self._busy_seconds = 0.0
        self._working: list[_Work] = []
        self._timers: list[tuple[float, int, Callable[[], None]]] = []
        self._numbers = count()
        self._durations: list[float] = []
        self._commits: list[int] = []
        self._to_send: deque[_Process] = deque()
        self._generating = False
        self._closed = False

    def closed(self, connections: int, seconds: float) -> Predicted:
        """Clients that send their next request as soon as they have an answer, as in `bench.load`."""
        self._closed = True
        for number in range(connections):
            self._to_send.append(self._processes[number % len(self._processes)])
        self._generate()
        return self._run(seconds)

    def open(self, per_second: float, seconds: float) -> Predicted:
        """Clients that send requests at random times, regardless of answers: arrivals are a Poisson process."""

        def arrive() -> None:
            self._request(self._chance.choice(self._processes))
            self._after(self._chance.expovariate(per_second), arrive)

        arrive()
        return self._run(seconds)

    def _run(self, seconds: float) -> Predicted:
        warm = seconds / 5
        self._advance_to(warm)
        for measured in (self._durations, self._commits):
            measured.clear()
        busy = self._busy_seconds
        self._advance_to(seconds)
        ordered = sorted(self._durations) or [inf]
        return Predicted(
            len(self._durations) / (seconds - warm),
            ordered[len(ordered) // 2],
            ordered[int(len(ordered) * 0.99)],
            sum(self._commits) / max(1, len(self._commits)),
            (self._busy_seconds - busy) / (seconds - warm) / self._cores,
        )

    def _advance_to(self, end: float) -> None:
        """Let time pass: from one event to the next, everything that computes progresses equally."""
        while self._now < end:
            active = len(self._working)
            speed = min(1.0, self._cores / active) if active else 1.0
            first = min(self._working, key=lambda work: work.left) if active else None
            finishes = self._now + first.left / speed if first else inf
            timer = self._timers[0][0] if self._timers else inf
            until = min(finishes, timer, end)
            for work in self._working:
                work.left -= (until - self._now) * speed
            self._busy_seconds += (until - self._now) * min(active, self._cores)
            self._now = until
            if first is not None and finishes <= until:
                self._working.remove(first)
                first.done()
            elif timer <= until:
                heapq.heappop(self._timers)[2]()

    def _compute(self, seconds: float, done: Callable[[], None]) -> None:
        self._working.append(_Work(seconds, done))

    def _after(self, seconds: float, do: Callable[[], None]) -> None:
        heapq.heappush(self._timers, (self._now + seconds, next(self._numbers), do))

    def _generate(self) -> None:
        """Send the next request, one after the other: the generator is a single process."""
        if self._generating or not self._to_send:
            return
        self._generating = True
        process = self._to_send.popleft()

        def sent() -> None:
            self._generating = False
            self._request(process)
            self._generate()

        self._compute(self._costs.generator, sent)

    def _request(self, process: _Process) -> None:
        process.waiting.append(self._now)
        self._work(process)

    def _work(self, process: _Process) -> None:
        """Answer a committed batch, or decide half of all requests in progress."""
        if process.busy:
            return
        costs = self._costs
        if process.finished:
            batch = process.finished.popleft()
            process.busy = True

            def answered() -> None:
                process.in_progress -= len(batch)
                self._durations.extend(self._now - sent for sent in batch)
                self._free(process)
                if self._closed:
                    self._to_send.extend([process] * len(batch))
                    self._generate()

            self._compute(AFTER_COMMIT * costs.api_decision * len(batch), answered)
        elif process.waiting:
            total = len(process.waiting) + process.in_progress
            size = min(len(process.waiting), max(_MIN_BATCH, (total + 1) // 2))
            decided = [process.waiting.popleft() for _ in range(size)]
            process.busy = True
            process.in_progress += size

            def submitted() -> None:
                process.pending.extend(decided)
                self._free(process)
                self._commit(process)

            self._compute(costs.api_batch + (1 - AFTER_COMMIT) * costs.api_decision * size, submitted)

    def _free(self, process: _Process) -> None:
        process.busy = False
        self._work(process)

    def _commit(self, process: _Process) -> None:
        if process.committing or not process.pending:
            return
        batch, process.pending = process.pending[:_MAX_COMMIT], process.pending[_MAX_COMMIT:]
        process.committing = True
        self._commits.append(len(batch))

        def committed() -> None:
            process.committing = False
            process.finished.append(batch)
            self._work(process)
            self._commit(process)

        def flushed() -> None:
            delay = self._costs.delay_median * self._chance.lognormvariate(0, self._costs.delay_sigma)
            self._after(delay, committed)

        self._compute(self._costs.postgres_batch + self._costs.postgres_decision * len(batch), flushed)


def fit_line(points: Sequence[tuple[float, float]]) -> tuple[float, float]:
    """Costs per batch and per decision, by least squares, from (decisions per batch, cost per decision).

    A decision in a batch of n costs a / n + b. Neither is negative.
    """
    inverse = [1 / size for size, _ in points]
    costs = [cost for _, cost in points]
    mean_x, mean_y = sum(inverse) / len(inverse), sum(costs) / len(costs)
    spread = sum((x - mean_x) ** 2 for x in inverse)
    slope = (
        sum((x - mean_x) * (y - mean_y) for x, y in zip(inverse, costs, strict=True)) / spread if spread else 0.0
    )
    slope = max(0.0, slope)
    return slope, max(0.0, mean_y - slope * mean_x)
