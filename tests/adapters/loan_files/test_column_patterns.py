"""A file whose columns look as if they had another unit or decimal mark is refused until the sender states it."""

from collections import deque
from itertools import chain, cycle, islice

import numpy as np
import polars as pl
import pytest

from adapters.loan_files import LoanFileUnreadable, read_loans
from adapters.loan_files.patterns.examination import Examination
from domain.batches.file_conventions import conventions_from
from domain.products.personal_loan import PERSONAL_LOAN

PERCENT = ["15.5", "21.07", "9.8", "4.25", "28.4", "17"]
FRACTIONS = ["0.155", "0.2107", "0.098", "0.0425", "0.284", "0.17"]
UTILIZATION = ["25.3", "61.2", "44", "3.1", "88.9", ""]
INCOMES = ["52000", "87500", "36000", "120000", "64000", "45000"]


@pytest.fixture(params=["csv", "parquet"])
def examine(request, files):
    def examined(stated=None, **columns):
        loan = {"annual_inc": INCOMES, "dti": PERCENT, "revol_util": UTILIZATION} | columns
        count = max(map(len, loan.values()))
        rows = {name: list(islice(cycle(loan.get(name, [text])), count)) for name, text in files.loan().items()}
        path = files.folder / f"loans.{request.param}"
        if request.param == "csv":
            pl.DataFrame(rows).write_csv(path, separator=";")
        else:
            numbers = [pl.col(name).cast(pl.Float64, strict=False) for name in loan if name not in columns]
            pl.DataFrame(rows).with_columns(numbers).write_parquet(path)
        conventions = conventions_from(stated or {})
        examination = Examination(path, PERSONAL_LOAN, conventions)
        deque(examination.blocks(), maxlen=0)
        [chunk] = read_loans(path, PERSONAL_LOAN, conventions=conventions)
        return chunk, examination.remarks

    return examined


def refusal(examine, *args, **columns):
    with pytest.raises(LoanFileUnreadable) as refused:
        examine(*args, **columns)
    return refused.value.what


def test_a_file_as_defined_is_read_without_remarks(examine):
    chunk, remarks = examine()
    assert (chunk.rows_refused, remarks) == (0, ())


def test_fractions_for_percentages_are_refused_and_read_when_stated(examine):
    columns = {"dti": FRACTIONS, "revol_util": ["0.253", "0.612", "0.44", "0.031", "1.02", ""]}
    message = refusal(examine, **columns)
    assert "all 6 values of dti lie between 0 and 1.5" in message
    assert "all 5 values of revol_util" in message
    assert "state --percent-as fraction; if they are right as they are, --percent-as percent" in message
    chunk, _ = examine({"percent_as": "fraction"}, **columns)
    assert chunk.rows["dti"].to_list() == [float(text) for text in PERCENT]
    assert chunk.rows["revol_util"].to_list() == [25.3, 61.2, 44.0, 3.1, 102.0, None]
    chunk, remarks = examine({"percent_as": "percent"}, **columns)
    assert chunk.rows["dti"].to_list() == [float(text) for text in FRACTIONS]
    assert remarks == ()


def test_a_single_column_of_fractions_is_stated_by_its_name(examine):
    assert "--percent-as fraction:dti;" in refusal(examine, dti=FRACTIONS)
    chunk, _ = examine({"percent_as": "fraction:dti"}, dti=FRACTIONS)
    assert chunk.rows["dti"].to_list() == [float(text) for text in PERCENT]
    assert chunk.rows["revol_util"][0] == 25.3
    assert "revol_util" in refusal(examine, {"percent_as": "fraction"}, dti=FRACTIONS)


def test_a_percent_sign_is_never_a_fraction(examine):
    chunk, remarks = examine({"percent_as": "fraction"}, dti=FRACTIONS, revol_util=["0.5%", "25.3%", "61 %"])
    assert chunk.rows["revol_util"].to_list()[:3] == [0.5, 25.3, 61.0]
    chunk, remarks = examine(revol_util=["0.5%", "0.7%", "0.9%", "1.1%"])
    assert remarks == ()


def test_single_small_percentages_and_incomes_are_remarked_on(examine):
    chunk, remarks = examine(dti=[*PERCENT, "0.155"], annual_inc=[*INCOMES, "62"])
    assert chunk.rows_refused == 0
    assert [remark.split(",")[0] for remark in remarks] == [
        "1 value of annual_inc is above 0 but below $1",
        "1 value of dti is above 0 but below 1 %",
    ]


@pytest.mark.parametrize(
    ("incomes", "stated", "factor"),
    [
        (["52", "87.5", "36", "120", "64", "45"], "thousands", 1000),
        (["4300", "7290.5", "3000", "10000", "5333.33", "3750"], "monthly", 12),
        (["5200000", "8750050", "3600000", "12000000", "6400000", "4500000"], "cents", 0.01),
    ],
)
def test_incomes_in_another_unit_are_refused_and_read_when_stated(examine, incomes, stated, factor):
    message = refusal(examine, annual_inc=incomes)
    assert f"--income-as {stated}; if they are right as they are, --income-as yearly" in message
    chunk, _ = examine({"income_as": stated}, annual_inc=incomes)
    assert chunk.rows["annual_inc"].to_list() == [round(float(text) * factor, 6) for text in incomes]
    chunk, _ = examine({"income_as": "yearly"}, annual_inc=incomes)
    assert chunk.rows["annual_inc"].to_list() == [float(text) for text in incomes]
    assert "6 values of annual_inc are" in refusal(examine, {"income_as": stated})


def test_basis_points_are_refused_and_read_when_stated(examine):
    columns = {"dti": ["1550", "2107", "980", "425", "2840", "17"]}
    message = refusal(examine, **columns)
    assert "5 of 6 values of dti are above 100" in message
    assert "--percent-as basis-points:dti;" in message
    chunk, _ = examine({"percent_as": "basis-points:dti"}, **columns)
    assert chunk.rows["dti"].to_list() == [15.5, 21.07, 9.8, 4.25, 28.4, 0.17]
    assert "unlike the basis points stated" in refusal(examine, {"percent_as": "basis-points:dti"})


def test_two_fractions_are_a_pattern_and_one_is_not(examine):
    refusal(examine, dti=FRACTIONS[:2], annual_inc=INCOMES[:2], revol_util=UTILIZATION[:2])
    chunk, remarks = examine(dti=FRACTIONS[:1], annual_inc=INCOMES[:1], revol_util=UTILIZATION[:1])
    assert (chunk.rows.height, len(remarks)) == (1, 1)


def test_fractions_in_single_precision_are_the_percentages_they_stand_for(files):
    path = files.folder / "loans.parquet"
    loans = pl.DataFrame([files.loan()] * 6).with_columns(dti=pl.Series(map(float, FRACTIONS), dtype=pl.Float32))
    loans.write_parquet(path)
    [chunk] = read_loans(path, PERSONAL_LOAN, conventions=conventions_from({"percent_as": "fraction:dti"}))
    assert chunk.rows["dti"].to_list() == [float(text) for text in PERCENT]


@pytest.mark.parametrize("examine", ["csv"], indirect=True)
def test_decimal_commas_are_refused_and_read_when_stated(examine):
    columns = {
        "dti": ["15,5", "21,07", "9,8"],
        "revol_util": ["25,3 %", "61", "0,5 %"],
        "annual_inc": ["52.000,50"],
    }
    message = refusal(examine, **columns)
    assert "decimal commas are in annual_inc (line 2), dti (line 2) and revol_util (line 2)" in message
    assert "--decimal comma" in message
    chunk, _ = examine({"decimal": "comma"}, **columns)
    assert chunk.rows["dti"].to_list() == [15.5, 21.07, 9.8]
    assert chunk.rows["revol_util"].to_list() == [25.3, 61.0, 0.5]
    assert chunk.rows["annual_inc"][0] == 52_000.5


@pytest.mark.parametrize("examine", ["csv"], indirect=True)
def test_points_between_thousands_are_not_read_as_small_incomes(examine):
    columns = {"annual_inc": ["52.000", "87.500", "36.000"]}
    assert "If the points separate thousands, state --decimal comma" in refusal(examine, **columns)
    chunk, _ = examine({"decimal": "comma"}, dti=["15,5", "9"], revol_util=["3", "4"], **columns)
    assert chunk.rows["annual_inc"].to_list() == [52_000, 87_500, 36_000]


@pytest.mark.parametrize("other", ["fractions first", "fractions last"])
def test_joined_files_of_different_units_are_refused(examine, other):
    parts = [PERCENT * 3, FRACTIONS]
    dti = list(chain.from_iterable(parts[::-1] if other == "fractions first" else parts))
    assert "dti changes between percentages and fractions at line" in refusal(examine, dti=dti)


@pytest.mark.parametrize("every", [2, 4])
def test_units_that_are_mixed_row_by_row_are_refused(examine, every):
    percent, incomes = PERCENT * 4, INCOMES * 4
    dti = [str(float(text) / 100) if at % every == 0 else text for at, text in enumerate(percent)]
    message = refusal(examine, dti=dti)
    assert f"{24 // every} of 24 values of dti are below 1, like fractions, the first in line" in message
    assert "if the values are right as they are, state --percent-as percent" in message
    monthly = [str(float(text) / 12) if at % every == 0 else text for at, text in enumerate(incomes)]
    assert f"{24 // every} of 24 values of annual_inc are at most 12,000" in refusal(examine, annual_inc=monthly)
    chunk, _ = examine({"percent_as": "percent", "income_as": "yearly"}, dti=dti, annual_inc=monthly)
    assert chunk.rows["dti"].to_list() == [float(text) for text in dti]


def test_few_small_values_are_no_mixture(examine):
    chunk, remarks = examine(dti=[*PERCENT * 2, "0.4", "0.9"], annual_inc=[*INCOMES * 2, "9000", "11000"])
    assert (chunk.rows_refused, len(remarks)) == (0, 1)


@pytest.mark.parametrize(
    ("name", "stated", "columns"),
    [
        ("percent_as", "fraction", {"dti": PERCENT}),
        ("percent_as", "basis-points", {"dti": PERCENT}),
        ("income_as", "thousands", {"annual_inc": INCOMES}),
        ("income_as", "monthly", {"annual_inc": INCOMES}),
        ("income_as", "cents", {"annual_inc": INCOMES}),
    ],
)
def test_a_statement_that_does_not_fit_is_named_with_its_option(examine, name, stated, columns):
    message = refusal(examine, {name: stated}, **columns)
    option = f"--{name.replace('_', '-')} {stated}:NAME"
    assert message.endswith(f"State it for the columns that it holds for only, as in {option}, or leave it out.")


@pytest.mark.parametrize("order", ["random", "ascending", "descending", "sorted in groups"])
def test_a_file_with_some_small_values_is_read_however_it_is_sorted(examine, order):
    values = np.round(np.random.default_rng(5).gamma(1.5, 9, 6000), 2)
    sizes = {"ascending": 6000, "descending": 6000, "sorted in groups": 1500}
    if order in sizes:
        values = np.sort(values.reshape(-1, sizes[order])).ravel()
    values = values[::-1] if order == "descending" else values
    assert (values < 1.5).sum() > 100
    chunk, remarks = examine(dti=list(map(str, values)))
    assert len(remarks) == 1
    assert chunk.rows.height == 6000


def test_a_column_that_does_not_exist_cannot_be_stated(examine):
    message = refusal(examine, {"percent_as": "fraction:dbt", "income_as": "monthly:dti"})
    assert "percent_as names dbt; such columns are dti, revol_util" in message
    assert "income_as names dti; such columns are annual_inc" in message


def test_figures_of_the_household_are_converted_too(files):
    loans = [files.loan(annual_inc="52", annual_inc_joint="95", dti_joint="0.2", application_type="Joint App")] * 3
    path = files.put(files.csv(*(loan | {"dti": "0.3", "revol_util": "0.5"} for loan in loans)))
    stated = conventions_from({"percent_as": "fraction", "income_as": "thousands"})
    [chunk] = read_loans(path, PERSONAL_LOAN, conventions=stated)
    assert chunk.rows.select("annual_inc", "dti").row(0) == (95_000, 20)
