"""The queueing model of the capacity plan, against results that are known, and the page it fills."""

import math

import pytest

from bench.capacity.costs import Bytes
from bench.capacity.queueing import Costs, Simulation, fit_line
from bench.capacity.report import PAGE, replaced
from bench.capacity.sizing import PER_PRIMARY, UTILIZATION, machines_table, size_for

COSTS = Costs(
    api_batch=50e-6,
    api_decision=50e-6,
    postgres_batch=100e-6,
    postgres_decision=40e-6,
    generator=20e-6,
    delay_median=300e-6,
    delay_sigma=0.0,
)


def test_a_single_client_waits_for_each_part_in_turn() -> None:
    predicted = Simulation(COSTS, processes=1, cores=2).closed(1, 1.0)
    alone = sum((20e-6, 50e-6, 50e-6, 100e-6, 40e-6, 300e-6))
    assert predicted.per_second == pytest.approx(1 / alone, rel=0.01)
    assert predicted.commit_decisions == 1
    assert (predicted.p50, predicted.p99) == pytest.approx((alone - 20e-6, alone - 20e-6), rel=0.01)


def test_throughput_ends_where_the_cores_are_busy() -> None:
    predicted = Simulation(COSTS, processes=1, cores=1).closed(200, 2.0)
    work = 20e-6 + 50e-6 + 40e-6 + (50e-6 + 100e-6) / predicted.commit_decisions
    assert predicted.utilization == pytest.approx(1, abs=0.01)
    assert predicted.per_second == pytest.approx(1 / work, rel=0.02)


def test_commits_grow_with_the_load_and_shrink_with_more_writers() -> None:
    def commits(processes: int, connections: int) -> float:
        return Simulation(COSTS, processes=processes, cores=4).closed(connections, 1.0).commit_decisions

    assert commits(1, 16) < commits(1, 64)
    assert commits(2, 64) < commits(1, 64)


def test_an_open_load_is_served_as_it_arrives_and_waits_longer_near_the_limit() -> None:
    calm, busy = (Simulation(COSTS, processes=1, cores=math.inf).open(rate, 4.0) for rate in (100, 8_000))
    assert calm.per_second == pytest.approx(100, rel=0.2)
    assert busy.per_second == pytest.approx(8_000, rel=0.05)
    assert calm.p99 < busy.p99
    assert calm.commit_decisions < 1.2 < busy.commit_decisions


def test_a_cost_per_batch_and_per_decision_is_found_from_measurements() -> None:
    measured = [(size, 50e-6 + 200e-6 / size) for size in (1, 2, 8, 32)]
    assert fit_line(measured) == pytest.approx((200e-6, 50e-6))
    assert fit_line([(1, 1.0), (10, 2.0)])[0] == 0  # never negative


def test_sizes_follow_from_costs() -> None:
    small, large = (
        size_for(rate, COSTS, Bytes(700, 1000, 2000), log_bytes=2_400, stored_bytes=2_500)
        for rate in (10, 100_000)
    )
    assert (small.api_processes, small.primaries) == (2, 1)
    assert large.primaries == 100_000 // PER_PRIMARY
    per_process = 100_000 / large.api_processes * (50e-6 + 50e-6 / large.predicted.commit_decisions)
    assert per_process < 1.1 * UTILIZATION
    assert large.api_processes >= 2 * large.primaries
    assert small.stored_bytes_per_day == 10 * 2_500 * 86_400
    assert all(row.count("|") == 4 for row in machines_table([small, large]))


def test_the_page_has_a_place_for_every_figure_and_keeps_the_rest() -> None:
    page = PAGE.read_text()
    names = ("costs", "stored", "parameters", "model", "machines", "growth")
    for name in names:
        assert (
            page.partition(f"<!-- figures: {name} -->")[2].partition(f"<!-- end of {name} -->")[0].count("|") > 6
        )
    changed = replaced(page, {name: [f"figures of {name}"] for name in names})
    for name in names:
        assert f"<!-- figures: {name} -->\nfigures of {name}\n<!-- end of {name} -->" in changed
    assert "## Pooling with PgBouncer" in changed
    with pytest.raises(ValueError, match="no place for other"):
        replaced(page, {"other": []})
