"""The figures of vintages as CSV."""

import csv
from io import StringIO

from application.use_cases.outcomes.read_vintages import VintageReport

_HEADER = (
    "booked",
    "loans",
    "mature",
    "defaults",
    "complete",
    "expected",
    "observed",
    "interval_low",
    "interval_high",
    "synthetic",
)


def vintages_csv(report: VintageReport) -> str:
    """A line per month with loans, the oldest first. Rates are fractions, empty where there is none."""
    text = StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(_HEADER)
    for each in report.figures.vintages:
        counts = (each.month, each.loans, each.mature, each.defaults, str(each.complete).lower())
        rates = (each.expected, each.observed, *(each.interval or (None, None)))
        shown = ("" if rate is None else f"{rate:.6f}" for rate in rates)
        writer.writerow((*counts, *shown, str(report.synthetic).lower()))
    return text.getvalue()
