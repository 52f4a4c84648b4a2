"""The form and the file reader read every spelling alike: the same value, or both refuse it."""

from pathlib import Path

import polars as pl
import pytest

from adapters.loan_files import read_loans
from domain.products.fields import NumberField
from domain.products.personal_loan import EXAMPLE, PERSONAL_LOAN
from domain.products.spelling import MISSING_WORDS
from entrypoints.ui.applications.application_form import InvalidApplication, application_from, sample_of

NUMBERS = [
    "15",
    "15.5",
    " 15.5 ",
    "1,234",
    "$15",
    "15 USD",
    "15.5%",
    "15.5 %",
    "15,5",
    "0,155",
    "1.234,5",
    "1 234",
]
NUMBERS += [
    "1\u202f234",
    "1\u00a0234",
    "1'234",
    "12,34",
    "1_000",
    "5e1",
    "5E+01",
    "'15",
    '="15"',
    "\ufeff15",
    "1\u200b5",
]
NUMBERS += [
    "\u221215",
    "-15",
    "+15",
    "inf",
    "1e400",
    "nan",
    "\u0663",
    "--1",
    ".5",
    "5.",
    "%",
    "$",
    "#REF!",
    "(15)",
    "15k",
]
NUMBERS += ["-", "\u2014", "\u20ac15", "x" * 50, *sorted(MISSING_WORDS), "None", "NaN", "<NA>", "\\N"]
CHOICES = {
    "home_ownership": ["RENT", "Rent", "rent ", "NONE", "None", "none", "rented", "Any", "NaN", "\u200bOWN"],
    "purpose": [
        "debt_consolidation",
        "Debt consolidation",
        "DEBT-CONSOLIDATION",
        "car loan",
        "home\u00a0improvement",
    ],
    "term": ["36 months", " 36 Months", "36", "36.0", "36.0 months", "3 6", "60_months", "48", "NULL"],
    "emp_length": ["5 years", "5 Years", "<1 year", "-1 year", "10+ Years", "5", "N/A", "nan", "None", "\\N", "."],
}


@pytest.mark.parametrize("kind", ["csv", "parquet"])
@pytest.mark.parametrize("name", ["annual_inc", "dti", "revol_util", "pub_rec", *CHOICES])
def test_form_and_file_agree(tmp_path: Path, name: str, kind: str):
    texts = CHOICES.get(name, NUMBERS)
    texts = [text for text in texts if text.strip()]  # in a form, a choice that is not selected is an error
    path = tmp_path / f"loans.{kind}"
    columns = {field: [str(value)] * len(texts) for field, value in EXAMPLE.items()} | {name: texts}
    table = pl.DataFrame(columns)
    table.write_csv(path, quote_style="always") if kind == "csv" else table.write_parquet(path)
    [chunk] = read_loans(path, PERSONAL_LOAN)
    from_file = dict(chunk.rows.select("row", name).iter_rows())
    for row, text in enumerate(texts, start=1):
        try:
            application = application_from(sample_of(PERSONAL_LOAN) | {name: text}, PERSONAL_LOAN)
        except InvalidApplication:
            assert row not in from_file, text
            continue
        assert row in from_file, text
        assert from_file[row] == _as_read(name, PERSONAL_LOAN.values_of(application)[name]), text


def _as_read(name, value):
    """A value of an application as the reader has it: a term in months, whole numbers as doubles."""
    field = PERSONAL_LOAN.field_by_name[name]
    if name == PERSONAL_LOAN.term:
        return field.number_by_choice[value]
    return float(value) if isinstance(field, NumberField) and value is not None else value
