"""The table of metrics is current."""

from adapters.observability.metrics.reference import PAGE, metrics_page


def test_the_table_of_metrics_is_current() -> None:
    assert PAGE.read_text() == metrics_page(), "run python -m adapters.observability.metrics.reference"
