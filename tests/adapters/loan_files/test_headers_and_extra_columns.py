"""A header in the middle maps what follows; columns that programs add are ignored with a remark."""

import pytest

from adapters.loan_files import LoanFileUnreadable

RATIOS = {"dti": "15.25", "revol_util": "61.2"}


def notices(read):
    return [notice for chunk in read.chunks for notice in chunk.notices]


def swapped(loan):
    """The loan with dti and utilization in each other's place."""
    names = list(loan)
    at, other = names.index("dti"), names.index("revol_util")
    names[at], names[other] = names[other], names[at]
    return {name: loan[name] for name in names}


@pytest.fixture(params=[100_000, 2], ids=["one chunk", "small chunks"])
def chunk_rows(request):
    return request.param


def test_what_follows_a_header_in_another_order_is_read_by_it(files, chunk_rows):
    loan = files.loan(**RATIOS)
    glued = files.csv(loan, loan, loan) + files.csv(*[swapped(loan)] * 3) + files.csv(loan)
    read = files.read(glued, chunk_rows=chunk_rows)
    assert read.faults == []
    assert read.rows["row"].to_list() == list(range(1, 8))
    assert set(read.rows.select("dti", "revol_util").iter_rows()) == {(15.25, 61.2)}
    assert [line.line for line in read.skipped] == [5, 9]
    assert notices(read) == ["read by another header from line 5 on", "read by another header from line 9 on"]


@pytest.mark.parametrize("change", [str.upper, str.title, lambda name: f' "{name}" '])
def test_a_header_in_another_letter_case_is_a_header(files, change):
    loan = files.loan(**RATIOS)
    other = files.csv(swapped(loan)).splitlines()
    header = ",".join(change(name) for name in other[0].split(",")).replace(' "', '"').replace('" ', '"')
    read = files.read(files.csv(loan) + f"{header}\n{other[1]}\n")
    assert read.faults == []
    assert read.rows["dti"].to_list() == [15.25, 15.25]


def test_a_byte_order_mark_in_the_middle_is_ignored(files):
    loan = files.loan(**RATIOS)
    read = files.read("\ufeff" + files.csv(loan) + "\ufeff" + files.csv(swapped(loan)))
    assert read.faults == []
    assert read.rows["dti"].to_list() == [15.25, 15.25]


def test_a_second_file_may_have_more_columns_and_another_separator(files, chunk_rows):
    loan = files.loan(**RATIOS)
    more = {"id": "7", "grade": "A"} | swapped(loan) | {"desc": "a, b"}
    glued = files.csv(loan, loan) + files.csv(more, more, separator=";") + "Total amount funded in policy code 1\n"
    read = files.read(glued, chunk_rows=chunk_rows)
    assert read.faults == []
    assert read.rows["revol_util"].to_list() == [61.2] * 4
    assert [line.line for line in read.skipped] == [4, 7]


def test_a_second_header_without_a_required_column_stops_the_file(files):
    loan = files.loan()
    without = {name: text for name, text in loan.items() if name != "dti"}
    read_first = files.csv(loan) + files.csv(without)
    with pytest.raises(
        LoanFileUnreadable, match="second header in line 3, and the part below it lacks"
    ) as refused:
        files.read(read_first)
    assert "dti" in refused.value.what


@pytest.mark.parametrize("more", [{}, {"desc": "a car"}], ids=["fields", "another column"])
@pytest.mark.parametrize("separator", [",", ";"])
def test_a_header_without_a_line_break_before_it_is_reported_without_figures(files, more, separator, chunk_rows):
    loan = files.loan(**RATIOS, annual_inc="52431") | more
    first, second = files.csv(loan, loan, separator=separator), files.csv(more | loan, loan, separator=separator)
    with pytest.raises(LoanFileUnreadable, match="loan and a header in line 3, without a line break") as refused:
        files.read(first.rstrip("\n") + second, chunk_rows=chunk_rows)
    assert "52431" not in refused.value.what


def test_a_value_that_is_the_name_of_a_column_is_no_header(files):
    read = files.read(files.csv(files.loan(), files.loan(purpose="term", loan_amnt="dti"), files.loan()))
    assert {fault.row for fault in read.faults} == {2}
    assert read.rows["row"].to_list() == [1, 3]


@pytest.mark.parametrize("more", [",", ",,,", ", "])
def test_separators_at_the_end_of_lines_are_ignored_with_a_remark(files, more):
    header, *rows = files.csv(*[files.loan(**RATIOS)] * 3).splitlines()
    read = files.read("\n".join([header, *(row + more for row in rows)]))
    assert (read.faults, read.rows.height) == ([], 3)
    assert "its lines end with separators" in notices(read)[0]
    both = files.read("\n".join([header + more, *(row + more for row in rows)]))
    assert (both.faults, both.rows.height) == ([], 3)
    shorter = files.read("\n".join([header + more, *rows]))
    assert (shorter.faults, shorter.rows.height) == ([], 3)


@pytest.mark.parametrize("name", [None, "", "Unnamed: 0", "index", '""'])
@pytest.mark.parametrize("first", [0, 1])
def test_a_column_that_numbers_the_rows_is_ignored_with_a_remark(files, name, first):
    header, *rows = files.csv(*[files.loan(**RATIOS)] * 3).splitlines()
    header = header if name is None else f"{name},{header}"
    read = files.read("\n".join([header, *(f'"{number}",{row}' for number, row in enumerate(rows, first))]))
    assert (read.faults, read.rows["dti"].to_list()) == ([], [15.25] * 3)
    assert "ignored" in notices(read)[0]


def test_rows_that_are_longer_for_another_reason_are_refused(files):
    header, *rows = files.csv(*[files.loan()] * 3).splitlines()
    read = files.read("\n".join([header, f"52,{rows[0]}", f"60,{rows[1]}", rows[2]]))
    assert [(fault.row, fault.field) for fault in read.faults] == [(1, "(row)"), (2, "(row)")]


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_the_separator_line_of_excel_is_skipped(files, separator):
    read = files.read(f"sep={separator}\n" + files.csv(files.loan(**RATIOS), separator=separator))
    assert (read.faults, read.rows["dti"].to_list()) == ([], [15.25])
    assert [line.line for line in read.skipped] == [1]
