"""The tables applied to columns: several hundred thousand loan applications per second.

Imported only where columns are scored, since importing numba takes a third of a second. Gives the same bits as
`TableCreditModel` for any number of rows and threads.
"""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from adapters.scoring.bundles.bundle import ModelBundle
from adapters.scoring.fixed_point import UNIT, Floats
from adapters.scoring.population import Population
from adapters.scoring.portfolio.portfolio_kernels import compiled_kernels

_MIN_ROWS_PER_THREAD = 4096


@dataclass(frozen=True, slots=True, eq=False)
class PortfolioPredictions:
    """Calibrated log-odds (rows,), contributions and flags of what is out of domain (rows, characteristics)."""

    log_odds: Floats
    contributions: Floats
    out_of_domain: NDArray[np.bool_]


class PortfolioTables:
    """Predicts encoded inputs (rows, inputs) from a bundle's tables on `threads` threads."""

    def __init__(self, bundle: ModelBundle, *, threads: int = 2, cache_dir: Path | None = None) -> None:
        manifest, tables = bundle.manifest, bundle.tables
        self.base = manifest.base * UNIT
        self._base, self._intercept = manifest.base, manifest.intercept
        self._amount = bundle.product.amount_place
        self._fixed_trees = manifest.trees_without_amount
        self._tables, self._population, self._threads = tables, Population.of(manifest), threads
        self._lookup = (
            tables.thresholds,
            tables.first_threshold,
            tables.first_cell,
            tables.steps,
            tables.first_state,
        )
        self._kernels = compiled_kernels(cache_dir)

    def predict(self, encoded: Floats) -> PortfolioPredictions:
        encoded = np.ascontiguousarray(encoded, dtype=np.float64)
        log_odds, contributions = np.empty(len(encoded)), np.empty((len(encoded), self._tables.width))
        self._over_rows(
            len(encoded),
            lambda start, stop: self._kernels.contributions_of_rows(
                encoded,
                start,
                stop,
                *self._lookup,
                self._tables.contributions,
                self._base,
                log_odds,
                contributions,
            ),
        )
        return PortfolioPredictions(log_odds, contributions, self._population.outside_columns(encoded))

    def risk_at(self, encoded: Floats) -> Callable[[Floats], Floats]:
        """Log-odds (rows,) of these rows as a function of other amounts (rows,), all else unchanged."""
        encoded = np.ascontiguousarray(encoded, dtype=np.float64)
        count, tables = len(encoded), self._tables
        sums = np.empty(count, dtype=np.int64)
        states = np.empty((count, tables.tree_count - self._fixed_trees), dtype=np.uint8)
        self._over_rows(
            count,
            lambda start, stop: self._kernels.leaves_of_rows(
                encoded, start, stop, *self._lookup, tables.leaves, self._amount, self._fixed_trees, sums, states
            ),
        )

        def log_odds_at(amounts: Floats) -> Floats:
            requested = np.ascontiguousarray(np.broadcast_to(amounts, (count,)), dtype=np.float64)
            log_odds = np.empty(count)
            self._over_rows(
                count,
                lambda start, stop: self._kernels.log_odds_at_amounts(
                    requested,
                    start,
                    stop,
                    *self._lookup,
                    tables.leaves,
                    sums,
                    states,
                    self._amount,
                    self._intercept,
                    log_odds,
                ),
            )
            return log_odds

        return log_odds_at

    def log_odds(self, encoded: Floats) -> Floats:
        """Log-odds (rows,) alone, faster than `predict`."""
        return self.risk_at(encoded)(encoded[:, self._amount])

    def _over_rows(self, count: int, work: Callable[[int, int], None]) -> None:
        """Divide the rows among threads. Rows are independent, so the division does not affect results."""
        shares = max(1, min(self._threads, count // _MIN_ROWS_PER_THREAD))
        edges = [count * share // shares for share in range(shares + 1)]
        if shares == 1:
            work(0, count)
            return
        with ThreadPoolExecutor(shares) as pool:
            list(pool.map(work, edges[:-1], edges[1:]))
