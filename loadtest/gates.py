"""Results by scenario, and the limits that they must keep."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

EVERYTHING = "all"
WAITING = "WAIT"
"""The method of entries that measure waiting for a batch, not a request."""


class InvalidGate(ValueError):
    """A limit that cannot be read."""


@dataclass
class Figures:
    """Requests, failures and response times (milliseconds, as rounded by locust) of one or more scenarios."""

    requests: int = 0
    failures: int = 0
    times: dict[int, int] = field(default_factory=dict)

    def add(self, entry: Mapping[str, Any]) -> None:
        """Add an entry of locust's statistics."""
        self.requests += entry["num_requests"]
        self.failures += entry["num_failures"]
        for milliseconds, count in entry["response_times"].items():
            self.times[int(milliseconds)] = self.times.get(int(milliseconds), 0) + count

    def percentile(self, share: float) -> int:
        """The time within which this share of requests was answered."""
        left = share * sum(self.times.values())
        for milliseconds, count in sorted(self.times.items()):
            left -= count
            if left <= 0:
                return milliseconds
        return 0

    @property
    def error_share(self) -> float:
        return self.failures / self.requests if self.requests else 0.0


@dataclass(frozen=True)
class Gate:
    """A limit of a measure; for one scenario, one kind of request of it, or everything."""

    measure: str
    limit: float
    scenario: str = EVERYTHING

    def broken_by(self, results: Mapping[str, Figures]) -> str | None:
        """What broke the limit, or None. A scenario without a single request breaks every limit."""
        figures = results.get(self.scenario)
        if figures is None or not figures.requests:
            return f"{self.scenario}: no request was made"
        if self.measure == "error-share":
            measured, shown = figures.error_share, f"{figures.error_share:.2%} (limit {self.limit:.2%})"
        else:
            measured = figures.percentile(int(self.measure[1:]) / 100)
            shown = f"{measured:.0f} ms (limit {self.limit:g} ms)"
        return f"{self.scenario}: {self.measure} {shown}" if measured > self.limit else None


def read_gates(measure: str, given: Sequence[str], scenarios: Iterable[str]) -> list[Gate]:
    """Limits like `200` or `keyed=50`. Raises InvalidGate."""
    known = set(scenarios)
    gates = []
    for each in given:
        scenario, _, number = each.rpartition("=")
        if scenario and scenario.partition(":")[0] not in known:
            raise InvalidGate(f"{each!r}: {scenario} is not a scenario of this mix")
        try:
            limit = float(number)
        except ValueError:
            raise InvalidGate(f"{each!r}: write a number, or scenario=number") from None
        if not limit >= 0:
            raise InvalidGate(f"{each!r}: the limit must not be negative")
        gates.append(Gate(measure, limit, scenario or EVERYTHING))
    return gates


def results_of(statistics: Sequence[Mapping[str, Any]]) -> dict[str, Figures]:
    """Figures of each kind of request, of each scenario, and of everything, from locust's statistics."""
    results = {EVERYTHING: Figures()}
    for entry in sorted(statistics, key=lambda entry: str(entry["name"])):
        name = str(entry["name"])
        scenario = name.partition(":")[0]
        keys = {name} if entry["method"] == WAITING else {name, scenario, EVERYTHING}
        for key in keys:
            results.setdefault(key, Figures()).add(entry)
    return results


def broken_gates(gates: Iterable[Gate], results: Mapping[str, Figures]) -> list[str]:
    """One line for each limit that was not kept."""
    return [broken for gate in gates if (broken := gate.broken_by(results))]
