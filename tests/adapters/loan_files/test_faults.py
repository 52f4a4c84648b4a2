"""An invalid row is refused with all its errors; the other rows are read."""

import csv

import polars as pl
import pytest

from adapters.loan_files import ErrorsFile, RefusedField


@pytest.mark.parametrize(
    ("field", "text"),
    [
        ("annual_inc", "0"),
        ("annual_inc", "100000000"),
        ("annual_inc", " 5.2e4 "),
        ("loan_amnt", "1"),
        ("loan_amnt", "1000000"),
        ("dti", "999"),
        ("dti", "15.5%"),
        ("revol_util", "1000"),
        ("revol_util", " 99 % "),
        ("revol_util", ""),
        ("revol_util", "n/a"),
        ("inq_last_6mths", "100"),
        ("pub_rec", "2.0"),
        ("fico_range_low", "300"),
        ("term", " 60 months"),
        ("term", "60"),
        ("term", "36.0"),
        ("home_ownership", "NONE"),
        ("emp_length", ""),
        ("emp_length", "N/A"),
        ("emp_length", "10+ years"),
        ("purpose", " renewable_energy "),
    ],
)
def test_valid_spellings_are_accepted(files, field, text):
    assert not files.read(files.csv(files.loan(**{field: text}))).faults


@pytest.mark.parametrize(
    ("field", "text", "reason"),
    [
        ("annual_inc", "-0.01", "is out of range; allowed: a number from 0 to 100,000,000"),
        ("annual_inc", "100000000.01", "is out of range"),
        ("annual_inc", "", "is missing; allowed: a number from 0"),
        ("annual_inc", "52,00", "looks like a number with a decimal comma; allowed: a number from 0"),
        ("annual_inc", "\u20ac52000", "is in another currency; allowed: a number from 0"),
        ("annual_inc", "-", "may mean 0 or a missing value; allowed: a number from 0"),
        ("annual_inc", "1_000", "is not a number"),
        ("annual_inc", "50%", "is not a number"),
        ("annual_inc", "NaN", "is missing"),
        ("annual_inc", "\\N", "is missing"),
        ("annual_inc", "inf", "is out of range"),
        ("annual_inc", "1e400", "is out of range"),
        ("loan_amnt", "0.99", "is out of range"),
        ("loan_amnt", "1000001", "is out of range"),
        ("dti", "999.5", "is out of range"),
        ("dti", "%", "is not a number"),
        ("revol_util", "1000.1", "is out of range; allowed: a number from 0 to 1,000, or nothing"),
        ("revol_util", "no", "is not a number"),
        ("inq_last_6mths", "", "is missing"),
        ("delinq_2yrs", "0.5", "is out of range; allowed: a whole number from 0 to 100"),
        ("pub_rec", "101", "is out of range"),
        ("fico_range_low", "299", "is out of range"),
        ("fico_range_low", "705", "is above fico_range_high"),
        ("fico_range_high", "851", "is out of range"),
        ("term", "48 months", "is not recognized; allowed: one of 36 months, 60 months"),
        ("term", "", "is missing"),
        ("home_ownership", "rented", "is not recognized; allowed: one of MORTGAGE"),
        ("home_ownership", "None", "may mean the choice NONE or a missing value; allowed: one of MORTGAGE"),
        ("home_ownership", "", "is missing"),
        ("purpose", "yacht", "is not recognized; allowed: one of debt_consolidation"),
        ("emp_length", "11 years", "is not recognized; allowed: one of < 1 year"),
    ],
)
def test_invalid_values_are_refused_with_the_allowed_ones(files, field, text, reason):
    read = files.read(files.csv(files.loan(), files.loan(**{field: text}), files.loan()))
    (fault,) = read.faults
    assert (fault.row, fault.line, fault.field, fault.value) == (2, 3, field, text)
    assert fault.reason.startswith(reason)
    assert read.rows["row"].to_list() == [1, 3]
    assert read.chunks[0].rows_refused == 1


def test_all_errors_of_a_row_are_listed_in_field_order(files):
    wrong = files.loan(annual_inc="", purpose="yacht", dti="-1", fico_range_low="900", term="x")
    read = files.read(files.csv(wrong, files.loan(pub_rec="x")))
    assert read.faulty == [
        (1, 2, "annual_inc"),
        (1, 2, "term"),
        (1, 2, "purpose"),
        (1, 2, "fico_range_low"),
        (1, 2, "dti"),
        (2, 3, "pub_rec"),
    ]
    assert read.rows_read == 2
    assert read.rows.is_empty()


def test_a_nan_in_parquet_is_a_missing_value(files):
    path = files.folder / "loans.parquet"
    loan = {name: [text] * 3 for name, text in files.loan().items()}
    utilization = pl.Series([float("nan"), float("inf"), None])
    pl.DataFrame(loan).with_columns(revol_util=utilization).write_parquet(path)
    read = files.read(path)
    assert [(fault.row, fault.field, fault.value) for fault in read.faults] == [(2, "revol_util", "inf")]
    assert read.rows["revol_util"].to_list() == [None, None]


def test_a_choice_that_is_almost_right_gets_a_suggestion(files):
    [fault] = files.read(files.csv(files.loan(home_ownership="MORGAGE"))).faults
    assert fault.reason.endswith("; did you mean MORTGAGE?")


def test_the_errors_file_lists_every_error_without_formulas(files):
    loans = [
        files.loan(purpose='=HYPERLINK("x")', dti="-5"),
        files.loan(term='a,"b"', purpose="-2+3+cmd|' /C x'!A0"),
    ]
    read = files.read(files.csv(*loans), chunk_rows=1)
    path = files.folder / "errors.csv"
    with ErrorsFile(path) as errors:
        for chunk in read.chunks:
            errors.add(chunk.refused)
    with path.open(newline="") as file:
        lines = list(csv.reader(file))
    assert lines[0] == list(RefusedField.__dataclass_fields__)
    assert [line[:4] for line in lines[1:]] == [
        ["1", "2", "purpose", '\'=HYPERLINK("x")'],
        ["1", "2", "dti", "-5"],
        ["2", "3", "term", 'a,"b"'],
        ["2", "3", "purpose", "'-2+3+cmd|' /C x'!A0"],
    ]


def test_the_errors_file_has_a_header_even_without_errors(files):
    path = files.folder / "errors.csv"
    with ErrorsFile(path):
        pass
    assert path.read_text() == "row,line,field,value,reason\n"
