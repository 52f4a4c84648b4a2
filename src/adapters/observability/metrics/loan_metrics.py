"""Metrics of loans: what became of them, and how current their outcomes are."""

from adapters.observability.metrics.families import Gauge
from application.ports.outcomes.loan_book import LoanBook


class LoanMetrics:
    """The loan book that was read last, absent while it cannot be read."""

    def __init__(self) -> None:
        self._loans = Gauge(
            "scoring_loans",
            "Loans with recorded outcomes by status: `booked`, `performing`, `late`, `defaulted`, `charged_off`, "
            "`paid` or `prepaid`.",
            ["status"],
        )
        self._newest = Gauge(
            "scoring_loan_outcome_newest_age_seconds",
            "Time since the newest outcome of a loan was recorded; 0: none was.",
        )
        self._imported = Gauge(
            "scoring_outcome_import_last_age_seconds",
            "Time since an import of outcomes last finished; 0: none did.",
        )
        self._pending = Gauge("scoring_outcome_imports_pending", "Imports of outcomes that are not finished.")
        self.families = (self._loans, self._newest, self._imported, self._pending)

    def set(self, book: LoanBook) -> None:
        """Replace the loan book."""
        self.clear()
        for status, number in book.by_status.items():
            self._loans.set(number, status.value)
        self._newest.set(book.newest_outcome_seconds)
        self._imported.set(book.last_import_seconds)
        self._pending.set(book.imports_pending)

    def clear(self) -> None:
        """Remove the loan book, because it is unknown."""
        for gauge in self.families:
            gauge.clear()
