"""Every supported format gives the same loans."""

import gzip
from datetime import date

import polars as pl
import pytest

from domain.products.personal_loan import PERSONAL_LOAN

EXPECTED = {
    "row": 1,
    "annual_inc": 52000.5,
    "emp_length": "5 years",
    "home_ownership": "RENT",
    "loan_amnt": 9000.0,
    "term": 36,
    "purpose": "car",
    "fico_range_low": 700.0,
    "fico_range_high": 704.0,
    "dti": 15.25,
    "revol_util": 30.1,
    "inq_last_6mths": 1.0,
    "delinq_2yrs": 0.0,
    "pub_rec": 0.0,
}


def test_a_csv_file_gives_the_thirteen_fields_with_order_and_types(files):
    rows = files.read(files.csv(files.loan())).rows
    assert rows.to_dicts() == [EXPECTED]
    assert rows.columns == ["row", *PERSONAL_LOAN.field_by_name]
    assert rows.schema["row"] == rows.schema["term"] == pl.Int64
    for name in ("emp_length", "home_ownership", "purpose"):
        assert rows.schema[name] == pl.Enum(PERSONAL_LOAN.field_by_name[name].choices)
    assert all(
        rows.schema[name] == pl.Float64
        for name in PERSONAL_LOAN.field_by_name
        if isinstance(EXPECTED[name], float)
    )


def test_column_order_extra_columns_and_letter_case_do_not_matter(files):
    loan = {f" {name.upper()}": text for name, text in reversed(files.loan().items())}
    assert files.read(files.csv({"note": "a, b", **loan, "last": ""})).rows.to_dicts() == [EXPECTED]


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_the_separator_is_detected(files, separator):
    assert files.read(files.csv(files.loan(), separator=separator)).rows.to_dicts() == [EXPECTED]


def test_a_gzipped_csv_is_recognized_by_its_content(files):
    packed = gzip.compress(files.csv(files.loan()).encode())
    assert files.read(files.put(packed, "loans.csv.gz")).rows.to_dicts() == [EXPECTED]
    assert files.read(files.put(packed, "loans")).rows.to_dicts() == [EXPECTED]


def test_byte_order_mark_and_windows_line_ends_are_accepted(files):
    text = files.csv(files.loan(), files.loan(), quoted=True).replace("\n", "\r\n")
    read = files.read(b"\xef\xbb\xbf" + text.encode())
    assert read.rows.drop("row").to_dicts() == [{k: v for k, v in EXPECTED.items() if k != "row"}] * 2
    assert not read.skipped


def test_latin_1_is_read_with_a_notice(files):
    text = files.csv(
        files.loan() | {"emp_title": "Café, Zürich"}, files.loan(emp_length="9 années") | {"emp_title": ""}
    )
    read = files.read(text.encode("latin-1"))
    assert read.rows.to_dicts() == [EXPECTED]
    assert read.faults[0].value == "9 années"
    assert read.chunks[0].notices == ("not UTF-8 from about line 2 on; read as Windows-1252 (Latin-1)",)
    assert not files.read(text.encode()).chunks[0].notices


@pytest.mark.parametrize(
    ("encoded", "read_as"),
    [
        (b"B\xfcro \x80 \x96 \x93Nord\x94", "Büro € – “Nord”"),
        (b"\x8eupan\x9c", "Županœ"),
        (b"Zo\xeb \x80 \x81", "Zoë € \x81"),
    ],
)
def test_signs_of_windows_are_read_where_latin_1_has_control_characters(files, encoded, read_as):
    header, row = files.csv(files.loan(home_ownership="CONDO")).encode().splitlines()
    read = files.read(header + b"\n" + row.replace(b"CONDO", encoded) + b"\n")
    assert read.faults[0].value == read_as


def test_a_last_line_without_line_end_is_read(files):
    assert files.read(files.csv(files.loan(), files.loan()).rstrip("\n")).rows_read == 2


def test_notices_separators_and_footers_of_a_download_are_skipped(files):
    first = files.download(files.downloaded(), files.downloaded())
    below = [
        "",
        "",
        '"Loans that do not meet the credit policy"',
        *files.csv(files.downloaded(), quoted=True).splitlines()[1:],
        '"Total amount funded in policy code 1: 27000"' + ',""' * (len(files.downloaded()) - 1),
        '"Total amount funded in policy code 2: 0"',
        "  ",
    ]
    read = files.read(first + "\n".join(below))
    assert read.rows["row"].to_list() == [1, 2, 3]
    assert read.rows.row(0, named=True) == EXPECTED | {"emp_length": "n/a"}
    assert [(line.line, line.text[:19]) for line in read.skipped] == [
        (1, "Notes offered by Pr"),
        (5, ""),
        (6, ""),
        (7, "Loans that do not m"),
        (9, "Total amount funded"),
        (10, "Total amount funded"),
        (11, ""),
    ]
    assert read.rows_read == 3
    assert not read.faults


def test_concatenated_downloads_are_read_to_the_end(files):
    one = files.download(files.downloaded())
    read = files.read(one + one)
    assert read.rows["row"].to_list() == [1, 2]
    assert [line.line for line in read.skipped] == [1, 4, 5]


def test_integers_with_a_fraction_and_empty_emp_length_are_accepted(files):
    others = {f"column {n}": "" for n in range(137)} | {"id": "7"}
    loan = files.loan(emp_length="", inq_last_6mths="1.0", fico_range_low="700.0", term=" 36 months")
    assert files.read(files.csv(others | loan)).rows.to_dicts() == [EXPECTED | {"emp_length": "n/a"}]


@pytest.mark.parametrize("kind", ["JOINT", "Joint App"])
def test_a_joint_application_uses_the_household_figures(files, kind):
    joint = {"application_type": kind, "annual_inc_joint": "120000", "dti_joint": "11.5"}
    rows = files.read(files.csv(files.loan(annual_inc="0", dti="999") | joint)).rows
    assert rows.to_dicts() == [EXPECTED | {"annual_inc": 120000.0, "dti": 11.5}]


@pytest.mark.parametrize(
    "one_borrower",
    [("Individual", "120000", "11.5"), ("DIRECT_PAY", "120000", "11.5"), ("JOINT", "", ""), ("", "120000", "1")],
)
def test_an_individual_application_uses_the_borrowers_own_figures(files, one_borrower):
    extra = dict(zip(("application_type", "annual_inc_joint", "dti_joint"), one_borrower, strict=True))
    assert files.read(files.csv(files.loan() | extra)).rows.to_dicts() == [EXPECTED]


def test_an_invalid_household_figure_is_reported_with_its_column(files):
    joint = {"application_type": "JOINT", "annual_inc_joint": "-4", "dti_joint": ""}
    (fault,) = files.read(files.csv(files.loan() | joint)).faults
    assert (fault.field, fault.value) == ("annual_inc_joint", "-4")


def parquet(files, **columns):
    path = files.folder / "loans.parquet"
    frame = pl.DataFrame({name: [text] for name, text in files.loan().items()})
    frame.with_columns(**columns).write_parquet(path)
    return path


def test_parquet_with_text_columns_is_read_like_csv(files):
    assert files.read(parquet(files)).rows.to_dicts() == [EXPECTED]


def test_parquet_with_numeric_columns_is_read_unchanged(files):
    numbers = [name for name, value in EXPECTED.items() if isinstance(value, float)]
    types = {"fico_range_low": pl.Int16, "pub_rec": pl.UInt8, "loan_amnt": pl.Decimal(12, 2)}
    path = parquet(
        files,
        **{name: pl.col(name).cast(pl.Float64).cast(types.get(name, pl.Float64)) for name in numbers},
        term=pl.lit(36),
        purpose=pl.col("purpose").cast(pl.Categorical),
        extra=pl.lit([[1, 2]]),
    )
    assert files.read(path).rows.to_dicts() == [EXPECTED]


def test_parquet_household_figures_may_have_another_type(files):
    path = parquet(
        files,
        dti=pl.lit(0.1) + 0.2,
        application_type=pl.lit("JOINT"),
        annual_inc_joint=pl.lit(80_000),
        dti_joint=pl.lit(None),
    )
    assert files.read(path).rows.to_dicts() == [EXPECTED | {"annual_inc": 80_000.0, "dti": 0.1 + 0.2}]


def test_parquet_errors_and_empty_rows_have_the_row_of_the_file(files):
    path = files.folder / "loans.parquet"
    loan = files.loan()
    nothing = dict.fromkeys(loan)
    wrong = loan | {"dti": "much"}
    pl.DataFrame([loan, nothing, wrong, loan], schema=dict.fromkeys(loan, pl.String)).write_parquet(path)
    read = files.read(path, chunk_rows=2)
    assert read.faulty == [(2, 3, "dti")]
    assert [line.line for line in read.skipped] == [2]
    assert read.rows["row"].to_list() == [1, 3]


def test_training_reads_the_outcomes_in_the_file(files):
    outcome = {
        "issue_d": "Dec-2011",
        "loan_status": " Fully Paid ",
        "grade": "B",
        "sample_weight": "1.5",
        "int_rate": " 10.65%",
        "funded_amnt": "9000",
        "total_pymnt": "9876.54",
        "recoveries": "",
    }
    later = outcome | {"issue_d": "2014-06-30", "sample_weight": ""}
    counts = {"inq_last_6mths": "", "delinq_2yrs": "", "pub_rec": ""}
    text = files.csv(files.loan() | outcome, files.loan(**counts) | later)
    first, second = files.read(text, outcomes=True).rows.to_dicts()
    assert first == EXPECTED | {
        "issue_d": date(2011, 12, 1),
        "loan_status": "Fully Paid",
        "grade": "B",
        "sample_weight": 1.5,
        "int_rate": 10.65,
        "funded_amnt": 9000.0,
        "total_pymnt": 9876.54,
        "recoveries": None,
    }
    assert (second["issue_d"], second["sample_weight"], second["pub_rec"]) == (date(2014, 6, 30), 1.0, None)


def test_training_on_a_file_without_outcomes_gets_the_same_columns(files):
    plain = files.read(files.csv(files.loan()), outcomes=True).rows
    assert plain["sample_weight"].to_list() == [1.0]
    assert plain["issue_d"].to_list() == plain["recoveries"].to_list() == [None]
    full = files.read(files.csv(files.loan() | {"recoveries": "1", "issue_d": "Jan-2010"}), outcomes=True).rows
    assert plain.schema == full.schema


def test_invalid_outcomes_are_refused(files):
    wrong = {"issue_d": "sometime", "int_rate": "ten", "sample_weight": "-1"}
    read = files.read(files.csv(files.loan() | wrong), outcomes=True)
    assert read.faulty == [(1, 2, "issue_d"), (1, 2, "sample_weight"), (1, 2, "int_rate")]
    assert not files.read(files.csv(files.loan() | wrong)).faults


def test_parquet_date_columns_are_read_as_dates(files):
    path = parquet(files, issue_d=pl.lit(date(2012, 3, 1)).cast(pl.Datetime))
    assert files.read(path, outcomes=True).rows["issue_d"].to_list() == [date(2012, 3, 1)]
