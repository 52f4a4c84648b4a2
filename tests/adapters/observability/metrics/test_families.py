"""The service's counters and histograms read like those of prometheus-client."""

import prometheus_client
from prometheus_client import CollectorRegistry, generate_latest

from adapters.observability.metrics.families import Counter, Histogram


def samples(registry: CollectorRegistry) -> list[str]:
    lines = generate_latest(registry).decode().splitlines()
    return sorted(line for line in lines if "_created" not in line)


def test_a_histogram_reads_like_prometheus_clients_and_includes_its_bounds() -> None:
    own, standard = CollectorRegistry(), CollectorRegistry()
    histogram = Histogram("duration_seconds", "Time.", ["call"], (0.1, 0.5, 1))
    own.register(histogram)
    reference = prometheus_client.Histogram(
        "duration_seconds", "Time.", ["call"], buckets=(0.1, 0.5, 1), registry=standard
    )
    for amount in (0.05, 0.1, 0.3, 0.5, 0.75, 1.0, 7.5):
        histogram.series("first").observe(amount)
        reference.labels("first").observe(amount)
    histogram.series("second").observe(2)
    reference.labels("second").observe(2)
    assert samples(own) == samples(standard)


def test_several_equal_observations_count_as_many() -> None:
    one_by_one, in_one_call = (Histogram("duration_seconds", "Time.", [], (0.1, 0.5)) for _ in range(2))
    for _ in range(3):
        one_by_one.series().observe(0.25)
    in_one_call.series().observe(0.25, 3)
    assert list(one_by_one.collect()) == list(in_one_call.collect())


def test_a_counter_reads_like_prometheus_clients() -> None:
    own, standard = CollectorRegistry(), CollectorRegistry()
    counter = Counter("decisions", "Decisions.", ["outcome", "channel"])
    own.register(counter)
    reference = prometheus_client.Counter("decisions", "Decisions.", ["outcome", "channel"], registry=standard)
    for outcome, amount in (("approved", 1), ("declined", 3), ("approved", 4)):
        counter.inc((outcome, "api"), amount)
        reference.labels(outcome, "api").inc(amount)
    assert samples(own) == samples(standard)
