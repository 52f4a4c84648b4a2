"""Texts that a spreadsheet would run as formulas are neutralized in errors and results files."""

import polars as pl
import pytest

from adapters.loan_files.chunk import REFUSED_SCHEMA
from adapters.loan_files.results.errors_file import neutralize_formulas, neutralize_results


def shown(value: str) -> str:
    refused = pl.DataFrame([(1, 2, "dti", value, "is not a number")], REFUSED_SCHEMA, orient="row")
    return str(neutralize_formulas(refused)["value"][0])


@pytest.mark.parametrize("value", ["=1+1", "+cmd", "-2+3", "@SUM(A1)", "＝1+1", "＋1", "－1+1", "＠SUM(A1)"])
def test_a_formula_gets_an_apostrophe(value: str) -> None:
    assert shown(value) == f"'{value}"


@pytest.mark.parametrize(
    ("value", "harmless_value"),
    [
        ("a;=1", "a;'=1"),
        (";=1;=2", ";'=1;'=2"),
        ("a; @SUM(A1)", "a; '@SUM(A1)"),
        ("a\t+cmd", "a\t'+cmd"),
        ("a|=1", "a|'=1"),
    ],
)
def test_a_formula_after_another_separator_gets_an_apostrophe(value: str, harmless_value: str) -> None:
    assert shown(value) == harmless_value


@pytest.mark.parametrize("value", ["-12.5", "+3", "1e-5", "-1,234.50", "-3%", "n/a", "a=b", "10+ years", "it's"])
def test_other_values_are_unchanged(value: str) -> None:
    assert shown(value) == value


@pytest.mark.parametrize("name", ["=1+1", "@SUM(A1)", "note;=1"])
def test_the_name_of_a_kept_column_gets_an_apostrophe(name: str) -> None:
    results = pl.DataFrame({"row": [1], "application_reference": ["LN-1"], "channel": [None], name: ["=2"]})
    harmless = neutralize_results(results)
    assert harmless.columns == ["row", "application_reference", "channel", shown(name)]
    assert harmless.row(0) == (1, "LN-1", None, "'=2")
