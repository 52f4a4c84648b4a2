"""Rows with a broken structure are refused by line; valid quotes and line breaks are accepted."""

import csv
import io
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.loan_files import read_loans
from adapters.loan_files.text.layout import TextLayout, split_cells
from adapters.loan_files.text.line_source import LineBlock
from adapters.loan_files.text.records import to_records
from domain.products.personal_loan import PERSONAL_LOAN


@pytest.fixture
def lines(files):
    """A header and five loans with an extra column before and one after the fields."""
    loans = [{"title": f"t{n}"} | files.loan() | {"note": f"n{n}"} for n in range(1, 6)]
    return files.csv(*loans).splitlines()


def test_a_wrong_number_of_columns_refuses_only_that_row(files, lines):
    lines[2] = lines[2].rsplit(",", 1)[0]
    lines[4] += ",more"
    read = files.read("\n".join(lines))
    assert read.faulty == [(2, 3, "(row)"), (4, 5, "(row)")]
    assert read.faults[0].reason == "has 14 columns; the header has 15"
    assert read.faults[1].value == lines[4]
    assert read.rows["row"].to_list() == [1, 3, 5]


def test_an_unclosed_quote_refuses_only_its_row(files, lines):
    lines[2] = lines[2].replace("t2", '"t2')
    read = files.read("\n".join(lines))
    assert read.faulty == [(2, 3, "(row)")]
    assert "quotes are not balanced" in read.faults[0].reason
    assert read.rows["row"].to_list() == [1, 3, 4, 5]


def test_two_unclosed_quotes_do_not_swallow_the_rows_between(files, lines):
    lines[2] = lines[2].replace("t2", '"t2')
    lines[4] = lines[4].replace("t4", '"t4')
    assert files.read("\n".join(lines)).faulty == [(2, 3, "(row)"), (4, 5, "(row)")]


def test_quoted_line_breaks_are_accepted_and_line_numbers_stay_correct(files, lines):
    lines[1] = lines[1].replace("n1", '"one\n\ntwo, ""three""\nfour"')
    lines[2] = lines[2].replace("car", "yacht")
    read = files.read("\r\n".join(lines))
    assert read.faulty == [(2, 6, "purpose")]
    assert read.rows["row"].to_list() == [1, 3, 4, 5]
    assert not read.skipped


@pytest.mark.parametrize("chunk_rows", [1, 2, 3])
def test_a_cell_may_span_the_end_of_a_chunk(files, lines, chunk_rows):
    lines[3] = lines[3].replace("n3", '"a\nb\nc\nd\ne"')
    read = files.read("\n".join(lines), chunk_rows=chunk_rows)
    assert read.rows["row"].to_list() == [1, 2, 3, 4, 5]


@pytest.mark.parametrize("chunk_rows", [100, 100_000])
def test_a_long_unclosed_quote_is_refused_and_the_rest_is_read(files, lines, chunk_rows):
    many = [lines[0], lines[1].replace("t1", '"t1'), *lines[2:] * 300]
    read = files.read("\n".join(many), chunk_rows=chunk_rows)
    assert read.faulty == [(1, 2, "(row)")]
    assert read.rows["row"].to_list() == list(range(2, 1202))


def test_quotes_within_a_cell_are_ordinary_characters(files, lines):
    lines[1] = lines[1].replace("t1", '5" pipe fitter')
    lines[2] = lines[2].replace("n2", '6" x 7"')
    lines[3] = lines[3].replace("t3", '"said ""yes"", twice"')
    assert files.read("\n".join(lines)).rows["row"].to_list() == [1, 2, 3, 4, 5]


def test_a_row_with_only_other_columns_is_refused_with_all_fields_missing(files, lines):
    lines[2] = "t2" + "," * 13 + ",n2"
    lines[3] = "t3" + "," * 14
    lines[4] = " ," * 14
    read = files.read("\n".join(lines))
    assert {fault.row for fault in read.faults} == {2}
    assert len(read.faults) == 11  # revol_util may be missing, emp_length then is n/a
    assert [(line.line, line.text) for line in read.skipped] == [(4, "t3"), (5, "")]
    assert read.rows["row"].to_list() == [1, 3]


def test_lines_without_a_loan_give_an_empty_chunk(files, lines):
    read = files.read("\n".join([*lines[:2], "", "", "", *lines[2:]]), chunk_rows=1)
    assert [chunk.rows_read for chunk in read.chunks] == [1, 0, 0, 0, 1, 1, 1, 1]
    assert len(read.skipped) == 3


cell = st.text(st.sampled_from(list('ab",\n ;é')), max_size=6)


@given(rows=st.lists(st.lists(cell, min_size=3, max_size=3), min_size=1, max_size=12), quote_all=st.booleans())
@settings(max_examples=200, deadline=None)
def test_every_well_formed_csv_keeps_all_records(rows, quote_all):
    text = io.StringIO()
    quoting = csv.QUOTE_ALL if quote_all else csv.QUOTE_MINIMAL
    csv.writer(text, quoting=quoting, lineterminator="\n").writerows(rows)
    records = to_records(LineBlock(text.getvalue().encode(), 2, last=True, latin_1=False), LAYOUT)
    first_lines = [2 + "".join(map(_written, rows[:n])).count("\n") for n in range(len(rows))]
    assert not records.broken
    assert records.lines.tolist() == first_lines
    assert [split_cells(line, ",") for line in _lines(records.text)] == [
        [" ".join(cell.splitlines()) if any("\n" in c for c in row) else cell for cell in row] for row in rows
    ]


@given(text=st.text(st.sampled_from(list('a1",\n')), min_size=1, max_size=80))
@settings(max_examples=300, deadline=None)
def test_broken_text_never_loses_or_adds_lines(text):
    text = text if text.endswith("\n") else text + "\n"
    records = to_records(LineBlock(text.encode(), 1, last=True, latin_1=False), LAYOUT)
    assert len(_lines(records.text)) == len(records.lines)
    assert records.unused == b""
    assert all(len(split_cells(line, ",") or []) == 3 for line in _lines(records.text))
    starts = sorted([*records.lines.tolist(), *(line.line for line in records.skipped)])
    assert len(set(starts)) == len(starts)
    assert set(starts) <= set(range(1, text.count("\n") + 1))


def test_counts_add_up_for_broken_files(files):
    rng = random.Random(7)  # noqa: S311 - it breaks rows, it guards nothing
    good = files.csv(*[files.loan() for _ in range(400)]).splitlines()
    for _ in range(150):
        at = rng.randrange(1, len(good))
        broken = list(good[at])
        broken.insert(rng.randrange(len(broken) + 1), rng.choice(['"', ",", ";", "x", '""', " "]))
        good[at] = "".join(broken)
    path = files.put("\n".join(good))
    whole = files.read(path)
    in_pieces = files.read(path, chunk_rows=37)
    assert whole.rows_read == 400 == whole.rows.height + len({fault.row for fault in whole.faults})
    assert whole.faults == in_pieces.faults
    assert whole.rows.equals(in_pieces.rows)
    assert whole.rows.height == sum(chunk.rows.height for chunk in read_loans(path, PERSONAL_LOAN))


LAYOUT = TextLayout(("a", "b", "c"), ",", 1, 0, compressed=False, before_the_header=())


def _written(row):
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerow(row)
    return text.getvalue()


def _lines(text):
    return text.decode().split("\n")[:-1]
