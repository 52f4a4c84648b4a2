"""How reading slows down as recorded decisions accumulate: lists, filters, overview, one decision, by size."""

import http.client
import json
import math
import random
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import psutil

from bench.applications import prediction_requests
from bench.recorded import REAL, copy_to, on_database, record_real_ones, sizes
from bench.report import print_line
from bench.servers import load, service
from domain.access.user import Role
from harness.running_service import Service

GROWTH_SIZES = (100_000, 1_000_000, 3_000_000)
_TIMES = 15
_RARE = "branch-17"
_RARE_DECISIONS = 10
_SAMPLE = "SELECT decision_id FROM decisions TABLESAMPLE SYSTEM (1) LIMIT 400"


@dataclass(frozen=True)
class Growth:
    """Milliseconds of each read (median of several), the cost of recording, and sizes.

    `aggregation` has the microseconds for each decision that `scoring migrate` adds to the overview's aggregates.
    """

    milliseconds: Mapping[str, float]
    recording: Mapping[str, str]
    sizes: Mapping[str, int]
    aggregation: float = math.nan
    verification: float = math.nan
    """Seconds of `scoring audit verify --whole`, before there are copies, whose digests are not theirs."""


def growth(counts: Sequence[int] = GROWTH_SIZES) -> dict[int, Growth]:
    """Measure at each size, on one database that grows; 0 is the empty one."""
    measured: dict[int, Growth] = {}
    with tempfile.TemporaryDirectory(prefix="scoring-bench-") as name, service(Path(name) / "data") as running:
        _record_for(running, _RARE)
        measured[0] = Growth({}, _recording(running), sizes(running.database_url))
        began = time.perf_counter()
        record_real_ones(running, Path(name))
        print_line(f"real decisions recorded in {time.perf_counter() - began:.0f} s")
        verification = _verification(running)
        for count in counts:
            began = time.perf_counter()
            copy_to(running.database_url, count)
            print_line(f"{count:,} decisions ({time.perf_counter() - began:.0f} s to copy and vacuum) ...")
            aggregation = _aggregation(running)
            reads, recording, taken = dict(_reads(running)), _recording(running), sizes(running.database_url)
            verified = verification if count == REAL else math.nan
            measured[count] = Growth(reads, recording, taken, aggregation, verified)
    return measured


def _verification(running: Service) -> float:
    began = time.perf_counter()
    verified = running.run("audit", "verify", "--whole")
    if verified.returncode:
        raise RuntimeError(f"the audit trail does not verify: {verified.stdout}{verified.stderr}")
    return time.perf_counter() - began


def _aggregation(running: Service) -> float:
    """Add what was copied to the aggregates at full speed; microseconds per decision."""
    count = "SELECT coalesce(sum(decisions), 0)::bigint FROM overview_cells WHERE hours = 1"

    async def added(connection: Any) -> int:
        return int(await connection.fetchval(count))

    before, began = on_database(running.database_url, added), time.perf_counter()
    migrated = running.run("migrate", timeout=600)
    seconds = time.perf_counter() - began
    if migrated.returncode:
        raise RuntimeError(f"the database does not migrate: {migrated.stdout}{migrated.stderr}")
    more = on_database(running.database_url, added) - before
    return 1e6 * seconds / more if more > REAL else math.nan


def _record_for(running: Service, user: str) -> None:
    """Decisions of a caller with few of them."""
    authorization = running.authorization_of(user, Role.SERVICE)
    connection = http.client.HTTPConnection("127.0.0.1", running.api_port, timeout=30)
    for request in prediction_requests(_RARE_DECISIONS, authorization, seed=17):
        head, _, body = request.partition("\r\n\r\n")
        headers = dict(line.split(": ", 1) for line in head.splitlines()[1:])
        connection.request("POST", "/api/v1/predictions", body, headers)
        connection.getresponse().read()
    connection.close()


def _reads(running: Service) -> Iterator[tuple[str, float]]:
    staff = running.authorization_of("marta", Role.RISK_MANAGER)
    rare = running.authorization_of(_RARE, Role.SERVICE)

    async def sample(connection: Any) -> list[str]:
        return [str(row["decision_id"]) for row in await connection.fetch(_SAMPLE)]

    known = on_database(running.database_url, sample)
    chance = random.Random(5)  # noqa: S311 - not a secret
    now = datetime.now(UTC)
    day = {"since": (now - timedelta(days=11)).isoformat(), "until": (now - timedelta(days=10)).isoformat()}
    first_page = json.loads(_get(running, "/api/v1/decisions?limit=50", staff)[1])

    def listed(**query: object) -> Callable[[], str]:
        return lambda: "/api/v1/decisions?" + urlencode({"limit": 50, **query})

    reads: dict[str, tuple[Callable[[], str], str]] = {
        "one decision": (lambda: f"/api/v1/decisions/{chance.choice(known)}", staff),
        "list, newest 50": (listed(), staff),
        "list, next page": (listed(cursor=first_page["next_cursor"]), staff),
        "one day": (listed(**day), staff),
        "outcome declined": (listed(outcome="declined"), staff),
        "grade G": (listed(grade="G"), staff),
        "grade of none": (listed(grade="Z"), staff),
        "grade G, from $30,000": (listed(grade="G", minimum_amount=30_000), staff),
        "grade G, approved: none": (listed(grade="G", outcome="approved"), staff),
        "from $34,900": (listed(minimum_amount=34_900), staff),
        "up to $1,100, referred": (listed(maximum_amount=1_100, outcome="referred"), staff),
        "exactly $12,345": (listed(minimum_amount=12_345, maximum_amount=12_345), staff),
        f"user with {_RARE_DECISIONS} decisions": (listed(requested_by=_RARE), staff),
        "user without decisions": (listed(requested_by="nobody"), staff),
        "user with nearly all": (listed(requested_by="os:root"), staff),
        "user with nearly all, grade G, declined": (
            listed(requested_by="os:root", grade="G", outcome="declined"),
            staff,
        ),
        "text: purpose educational": (listed(text="educational"), staff),
        "text: part of a name": (listed(text=_RARE[2:-1]), staff),
        "text: nothing": (listed(text="zzz"), staff),
        "text: identifier": (lambda: f"/api/v1/decisions?limit=50&text={chance.choice(known)[:18]}", staff),
        f"own decisions, {_RARE_DECISIONS} of all": (listed(), rare),
    }
    period = {"from": (now - timedelta(days=27)).isoformat()}
    overview = "/api/v1/overview?" + urlencode(period)
    yield "overview of 27 days until now, first time", _timed(running, overview, staff)
    reads["the same again"] = (lambda: overview, staff)
    for what, criteria in {
        "overview compared with the period before": {"compare": "true"},
        "overview of a channel": {"channel": "channel 1"},
        "overview of a channel, a source and a grade": {
            "channel": "channel 1",
            "source": "source 4",
            "grade": "C",
        },
    }.items():
        address = "/api/v1/overview?" + urlencode(period | criteria)
        reads[what] = (lambda address=address: address, staff)
    for what, (path, authorization) in reads.items():
        yield what, statistics.median(_timed(running, path(), authorization) for _ in range(_TIMES))


def _get(running: Service, path: str, authorization: str) -> tuple[int, bytes]:
    name, _, value = authorization.partition(": ")
    connection = http.client.HTTPConnection("127.0.0.1", running.api_port, timeout=120)
    try:
        connection.request("GET", path.replace("+00:00", "Z"), headers={name: value})
        response = connection.getresponse()
        return response.status, response.read()
    finally:
        connection.close()


def _timed(running: Service, path: str, authorization: str) -> float:
    """Milliseconds until the answer; infinite where the service gives up, as it does after 30 seconds."""
    began = time.perf_counter()
    status, content = _get(running, path, authorization)
    if status == http.HTTPStatus.SERVICE_UNAVAILABLE:
        return math.inf
    if status != http.HTTPStatus.OK:
        raise RuntimeError(f"{path}: {status} {content.decode()}")
    return 1000 * (time.perf_counter() - began)


def _recording(running: Service) -> dict[str, str]:
    """Processor time per recorded decision of the API and of PostgreSQL, and the 99th percentile of responses."""
    processes = {
        "API": [psutil.Process(running.api_process())],
        "PostgreSQL": [each for each in running.family() if each.name() == "postgres"],
    }
    before = {name: _processor_time(each) for name, each in processes.items()}
    requests = prediction_requests(20_000, running.authorization, seed=random.randrange(1_000_000))  # noqa: S311
    measured = load(running.api_port, requests, 16, 3.0)
    decisions = measured["per_second"] * 3.0
    used = {name: 1e6 * (_processor_time(each) - before[name]) / decisions for name, each in processes.items()}
    alone = load(running.api_port, requests, 1, 3.0)
    return {
        **{f"processor time of {name}": f"{value:.0f} µs" for name, value in used.items()},
        "p99, 16 connections": f"{measured['p99_ms']:.1f} ms",
        "p99, one connection": f"{alone['p99_ms']:.1f} ms",
    }


def _processor_time(processes: Sequence[psutil.Process]) -> float:
    return sum(sum(each.cpu_times()[:2]) for each in processes if each.is_running())


def growth_table(measured: Mapping[int, Growth]) -> list[str]:
    """The table of docs/scale.md."""
    counts = list(measured)
    lines = [
        "| | " + " | ".join(f"{count / 1e6:g} million" if count else "empty" for count in counts) + " |",
        "| --- |" + " --- |" * len(counts),
    ]
    for what in measured[counts[-1]].milliseconds:
        times = (_milliseconds(measured[count].milliseconds.get(what, math.nan)) for count in counts)
        lines.append(f"| {what} | {' | '.join(times)} |")
    for name in measured[counts[0]].recording:
        lines.append(
            f"| recording one: {name} | {' | '.join(measured[count].recording[name] for count in counts)} |"
        )
    added = (measured[count].aggregation for count in counts)
    microseconds = " | ".join("" if math.isnan(each) else f"{each:.1f} µs" for each in added)
    lines.append(f"| adding one to the aggregates | {microseconds} |")
    seconds = " | ".join(
        "" if math.isnan(measured[count].verification) else f"{measured[count].verification:.1f} s"
        for count in counts
    )
    lines.append(f"| `scoring audit verify --whole` | {seconds} |")
    databases = " | ".join(f"{measured[count].sizes['database'] / 1e9:.2f} GB" for count in counts)
    return [*lines, f"| size of the database | {databases} |"]


def stored_table(measured: Mapping[int, Growth]) -> list[str]:
    """Bytes per stored decision, at the largest size."""
    found = measured[max(measured)].sizes
    decisions, entries = found["decisions"], found["entries"]
    parts = {
        "row with the document": found["rows"] / decisions,
        "out-of-line storage of long documents": found["toast"] / decisions,
        "indexes of the row": found["indexes"] / decisions,
        "audit entry": found["entry_rows"] / entries,
        "indexes of the audit entry": found["entry_indexes"] / entries,
    }
    parts["together"] = sum(parts.values())
    return ["| | bytes |", "| --- | --- |", *(f"| {name} | {value:,.0f} |" for name, value in parts.items())]


def _milliseconds(value: float) -> str:
    if math.isnan(value):
        return ""
    if math.isinf(value):
        return "fails"
    return f"{value:.1f} ms" if value < 100 else f"{value:,.0f} ms"
