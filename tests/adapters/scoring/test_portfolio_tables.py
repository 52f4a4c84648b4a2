"""Columns in numba give the same bits as single predictions, for any number of threads."""

from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from numpy.typing import NDArray

from adapters.scoring.bundles.bundle import ModelBundle
from adapters.scoring.compiling.agreement import stress_rows
from adapters.scoring.encoding import decode_row, encode_applicant
from adapters.scoring.portfolio import portfolio_kernels
from adapters.scoring.portfolio.portfolio_kernels import compiled_kernels
from adapters.scoring.portfolio.portfolio_tables import PortfolioTables
from adapters.scoring.table_credit_model import TableCreditModel
from domain.products.personal_loan import PERSONAL_LOAN
from support.other_models import training_ranges

AMOUNT = PERSONAL_LOAN.characteristic_names.index("loan_amnt")


@pytest.fixture(scope="module")
def rows(champion: ModelBundle) -> NDArray[np.float64]:
    """A few typical applicants, mixed and scaled until every cell is used."""
    rng = np.random.default_rng(3)
    usual = rng.uniform(0, 1, (300, len(PERSONAL_LOAN.characteristic_names)))
    for index, name in enumerate(PERSONAL_LOAN.characteristic_names):
        bounds = training_ranges().get(name)
        if bounds:
            usual[:, index] = np.round(bounds.low + usual[:, index] * 1.2 * (bounds.high - bounds.low))
        else:
            usual[:, index] = np.floor(usual[:, index] * len(champion.manifest.categories[name]))
    return stress_rows(champion, usual, seed=2, count=9000)


@pytest.fixture(scope="module")
def tables(champion: ModelBundle) -> PortfolioTables:
    return PortfolioTables(champion)


def test_columns_and_single_predictions_give_the_same_bits(
    champion: ModelBundle, tables: PortfolioTables, rows: NDArray[np.float64]
) -> None:
    model, predicted = TableCreditModel(champion), tables.predict(rows)
    for place in range(1500):
        one = model.predict(decode_row(rows[place], PERSONAL_LOAN, champion.manifest.categories))
        assert one.log_odds == predicted.log_odds[place]
        assert one.contributions == tuple(predicted.contributions[place].tolist())
        outside = tuple(np.array(PERSONAL_LOAN.characteristic_names)[predicted.out_of_domain[place]].tolist())
        assert one.out_of_domain == outside
    assert tables.base == one.base


def test_the_number_of_threads_does_not_change_the_bits(
    champion: ModelBundle, tables: PortfolioTables, rows: NDArray[np.float64]
) -> None:
    alone = PortfolioTables(champion, threads=1).predict(rows)
    shared = tables.predict(rows)
    assert np.array_equal(alone.log_odds, shared.log_odds)
    assert np.array_equal(alone.contributions, shared.contributions)


def test_contributions_of_columns_add_up_exactly(tables: PortfolioTables, rows: NDArray[np.float64]) -> None:
    predicted = tables.predict(rows)
    assert np.array_equal(tables.base + predicted.contributions.sum(axis=1), predicted.log_odds)


def test_log_odds_agree_with_the_prediction(tables: PortfolioTables, rows: NDArray[np.float64]) -> None:
    assert np.array_equal(tables.log_odds(rows), tables.predict(rows).log_odds)


def test_risk_at_other_amounts_agrees_with_predictions(tables: PortfolioTables, rows: NDArray[np.float64]) -> None:
    chosen = rows[::3]
    risk_at = tables.risk_at(chosen)
    for amounts in (chosen[:, AMOUNT], np.full(len(chosen), 5_000.0), chosen[:, AMOUNT] / 2):
        requested = chosen.copy()
        requested[:, AMOUNT] = amounts
        assert np.array_equal(risk_at(amounts), tables.predict(requested).log_odds)
    assert np.array_equal(risk_at(np.float64(5_000.0)), risk_at(np.full(len(chosen), 5_000.0)))


def test_empty_input_and_other_memory_layouts_are_accepted(
    tables: PortfolioTables, rows: NDArray[np.float64]
) -> None:
    assert tables.predict(rows[:0]).contributions.shape == (0, 12)
    assert tables.risk_at(rows[:0])(rows[:0, AMOUNT]).shape == (0,)
    columns = np.asfortranarray(rows[:50])
    columns.setflags(write=False)
    assert np.array_equal(tables.predict(columns).log_odds, tables.predict(rows[:50]).log_odds)


def test_a_row_decodes_to_its_applicant(champion: ModelBundle, rows: NDArray[np.float64]) -> None:
    categories = champion.manifest.categories
    for row in rows[:40]:
        decoded = decode_row(row, PERSONAL_LOAN, categories)
        assert np.array_equal(encode_applicant(decoded, PERSONAL_LOAN, categories)[0], row, equal_nan=True)


def test_machine_code_is_cached_in_the_given_folder(tmp_path: Path) -> None:
    compiled_kernels(tmp_path / "kept")
    assert list((tmp_path / "kept").rglob("*.nbc"))


def test_without_a_writable_folder_each_process_compiles_anew(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    requested = []

    def no_cache_folder(loop: object, _signature: object, *, cache: bool) -> object:
        requested.append(cache)
        if cache:
            raise RuntimeError("cannot cache function: no locator available")
        return loop

    monkeypatch.setattr(portfolio_kernels, "_jit", no_cache_folder)
    kernels = compiled_kernels()
    assert requested == [True, False] * 3
    assert kernels.leaves_of_rows is portfolio_kernels.leaves_of_rows


def test_compiled_loops_agree_with_python(
    champion: ModelBundle, tables: PortfolioTables, rows: NDArray[np.float64], monkeypatch: pytest.MonkeyPatch
) -> None:
    plain = SimpleNamespace(
        contributions_of_rows=portfolio_kernels.contributions_of_rows,
        leaves_of_rows=portfolio_kernels.leaves_of_rows,
        log_odds_at_amounts=portfolio_kernels.log_odds_at_amounts,
        seconds=0.0,
    )
    monkeypatch.setattr("adapters.scoring.portfolio.portfolio_tables.compiled_kernels", lambda _cache_dir: plain)
    slow, few = PortfolioTables(champion), rows[:20]
    assert np.array_equal(slow.predict(few).contributions, tables.predict(few).contributions)
    assert np.array_equal(slow.log_odds(few), tables.log_odds(few))
