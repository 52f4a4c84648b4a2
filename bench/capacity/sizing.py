"""Machines, databases, storage and network for a number of decisions per second, from measured costs."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from bench.capacity.costs import Bytes
from bench.capacity.queueing import Costs, Predicted, Simulation

RATES = (10, 1_000, 100_000)
UTILIZATION = 0.5
"""The share of a core that is planned for: the other half is for peaks, and for the loss of a machine."""
PER_PRIMARY = 10_000
"""Decisions per second for one PostgreSQL server: about the most that was measured, on two shared cores."""
_POOLED = 5
_DAY = 86_400
_SIMULATED_DECISIONS = 10_000


@dataclass(frozen=True)
class Size:
    """What a rate needs. Cores include the planned reserve; bytes per second are those of all decisions."""

    rate: int
    api_processes: int
    predicted: Predicted
    primaries: int
    postgres_cores: float
    """Of each primary."""
    log_bytes: float
    stored_bytes_per_day: float
    client_bytes: float
    postgres_bytes: float

    @property
    def direct_connections(self) -> int:
        """Connections of ledgers, to all primaries together."""
        return self.api_processes

    @property
    def pooled_connections(self) -> int:
        """Other connections of API processes at most, without a pooler."""
        return _POOLED * self.api_processes


def size_for(rate: int, costs: Costs, size: Bytes, *, log_bytes: float, stored_bytes: float) -> Size:
    """The size of an installation for `rate` decisions per second."""
    primaries = math.ceil(rate / PER_PRIMARY)
    processes = max(2 * primaries, math.ceil(rate / _per_process(costs)))  # one may fail
    predicted = _simulated(costs, rate / processes)
    postgres = costs.postgres_decision + costs.postgres_batch / predicted.commit_decisions
    return Size(
        rate,
        processes,
        predicted,
        primaries,
        rate * postgres / UTILIZATION / primaries,
        rate * log_bytes,
        rate * stored_bytes * _DAY,
        rate * (size.request + size.response),
        rate * size.to_postgres,
    )


def _per_process(costs: Costs) -> float:
    """Decisions per second of one API process at the planned utilization; commits are larger at higher rates."""
    decisions = 1.0
    rate = 0.0
    for _ in range(6):
        rate = UTILIZATION / (costs.api_decision + costs.api_batch / decisions)
        decisions = _simulated(costs, rate).commit_decisions
    return rate


def _simulated(costs: Costs, rate: float) -> Predicted:
    """One API process with a core of its own, and requests at random times."""
    seconds = min(2_000.0, _SIMULATED_DECISIONS / rate)
    return Simulation(costs, processes=1, cores=math.inf).open(rate, seconds)


def machines_table(sizes: Sequence[Size]) -> list[str]:
    """The table of docs/scale.md."""
    rows: dict[str, list[str]] = {
        "decisions per day, if sustained": [f"{each.rate * _DAY / 1e6:,.1f} million" for each in sizes],
        "API processes, at most half a core each": [f"{each.api_processes:,}" for each in sizes],
        "predicted p50, p99": [f"{1e3 * s.predicted.p50:.1f} ms, {1e3 * s.predicted.p99:.1f} ms" for s in sizes],
        "predicted decisions per commit": [f"{each.predicted.commit_decisions:.1f}" for each in sizes],
        "PostgreSQL primaries": [f"{each.primaries}" for each in sizes],
        "cores of each primary for recording, at half load": [f"{each.postgres_cores:.1f}" for each in sizes],
        "log to disk and to each standby": [f"{_per_second(each.log_bytes)}" for each in sizes],
        "storage per day": [_stored(each.stored_bytes_per_day) for each in sizes],
        "storage per year": [_stored(365 * each.stored_bytes_per_day) for each in sizes],
        "connections of ledgers, and of others without a pooler": [
            f"{each.direct_connections:,}, {each.pooled_connections:,}" for each in sizes
        ],
        "network between clients and API": [_per_second(each.client_bytes) for each in sizes],
        "network from API to PostgreSQL": [_per_second(each.postgres_bytes) for each in sizes],
    }
    heads = " | ".join(f"{each.rate:,} per second" for each in sizes)
    lines = [f"| | {heads} |", "| --- |" + " --- |" * len(sizes)]
    return [*lines, *(f"| {what} | {' | '.join(values)} |" for what, values in rows.items())]


def _per_second(size: float) -> str:
    return f"{size / 1e6:,.2f} MB/s" if size < 1e7 else f"{size / 1e6:,.0f} MB/s"


def _stored(size: float) -> str:
    return f"{size / 1e9:,.1f} GB" if size < 1e12 else f"{size / 1e12:,.1f} TB"
