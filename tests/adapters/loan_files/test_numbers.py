"""A number in a file is parsed to the same double as in Python, so that files and API give equal decisions."""

import struct
import tempfile
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.loan_files import read_loans
from domain.products.personal_loan import PERSONAL_LOAN

digits = st.text("0123456789", min_size=1, max_size=25)
written = st.one_of(
    st.floats(0, 999).map(repr),
    st.floats(0, 999).map(lambda number: f"{number:.25g}"),
    st.floats(0, 1e-300).map(repr),
    st.builds(lambda whole, part, power: f"{whole}.{part}e{power}", digits, digits, st.integers(-60, -22)),
    digits.map(lambda text: f"0.{text}"),
)


@given(texts=st.lists(written, min_size=1, max_size=200))
@settings(max_examples=60, deadline=None)
def test_numbers_are_parsed_to_the_same_bits_as_in_python(texts):
    allowed = [text for text in texts if float(text) <= 999] or ["0"]
    header = (
        "annual_inc,emp_length,home_ownership,loan_amnt,term,purpose,fico_range_low,fico_range_high,dti,revol_util"
    )
    rows = (f"{t},1 year,OWN,5,36,car,700,704,{t},{t}%,0,0,0" for t in allowed)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "loans.csv"
        path.write_text("\n".join([f"{header},inq_last_6mths,delinq_2yrs,pub_rec", *rows]))
        (chunk,) = read_loans(path, PERSONAL_LOAN)
    for name in ("annual_inc", "dti", "revol_util"):
        assert list(map(_bits, chunk.rows[name])) == [_bits(float(text)) for text in allowed]


def _bits(number):
    return struct.pack("<d", number)
