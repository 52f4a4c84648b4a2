"""Our counts and histograms look to Prometheus as its own client's would."""

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest

from adapters.observability.metrics.counters import Counts, Tallies


def samples(registry: CollectorRegistry) -> list[str]:
    lines = generate_latest(registry).decode().splitlines()
    return sorted(line for line in lines if "_created" not in line)


def test_a_histogram_counts_as_prometheus_does_bounds_included() -> None:
    ours, theirs = CollectorRegistry(), CollectorRegistry()
    tallies = Tallies("took_seconds", "Time.", ["what"], (0.1, 0.5, 1))
    ours.register(tallies)
    histogram = Histogram("took_seconds", "Time.", ["what"], buckets=(0.1, 0.5, 1), registry=theirs)
    for amount in (0.05, 0.1, 0.3, 0.5, 0.75, 1.0, 7.5):
        tallies.of("this").observe(amount)
        histogram.labels("this").observe(amount)
    tallies.of("that").observe(2)
    histogram.labels("that").observe(2)
    assert samples(ours) == samples(theirs)


def test_a_counter_counts_as_prometheus_does() -> None:
    ours, theirs = CollectorRegistry(), CollectorRegistry()
    counts = Counts("decided", "Decisions.", ["outcome", "channel"])
    ours.register(counts)
    counter = Counter("decided", "Decisions.", ["outcome", "channel"], registry=theirs)
    for outcome, times in (("approved", 1), ("declined", 3), ("approved", 4)):
        counts.add((outcome, "api"), times)
        counter.labels(outcome, "api").inc(times)
    assert samples(ours) == samples(theirs)
