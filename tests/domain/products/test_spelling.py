"""One vocabulary for forms, requests and files: what has one meaning is read, the rest is refused."""

import pytest

from domain.products.personal_loan import PERSONAL_LOAN
from domain.products.spelling import (
    MISSING_WORDS,
    DecimalMark,
    UnreadableText,
    is_missing,
    read_choice,
    read_number,
)
from support.other_product import BOAT_LOAN

FIELDS = PERSONAL_LOAN.field_by_name
INCOME, DTI, UTILIZATION = (FIELDS[name] for name in ("annual_inc", "dti", "revol_util"))
OWNERSHIP, PURPOSE, TERM, EMPLOYED = (FIELDS[name] for name in ("home_ownership", "purpose", "term", "emp_length"))


_AMOUNTS = ["52000", " 52,000", "$52,000.00", "US$ 52,000", "52000 USD", "52'000", "5.2E+04", "'52000", '="52000"']
_UNUSUAL = [
    "52\u00a0000",
    "52\u202f000",
    "52\u2019000",
    "\u201c52000\u201d",
    "\ufeff52000",
    "52\u200b000",
    "5\u00ad2000",
]


@pytest.mark.parametrize("text", [*_AMOUNTS, *_UNUSUAL, '"52,000"'])
def test_an_amount_is_read_in_every_usual_spelling(text):
    assert read_number(text, INCOME) == 52_000


@pytest.mark.parametrize("text", ["15.5", "15.5%", "15.5 %", "+15.5", "15.50\u00a0%", "1.55e1"])
def test_a_percentage_is_read_with_and_without_its_sign(text):
    assert read_number(text, DTI) == 15.5


def test_a_point_between_three_digits_is_a_decimal_point():
    assert read_number("1.234", DTI) == 1.234
    assert read_number("1.234", DTI, DecimalMark.COMMA) == 1234


@pytest.mark.parametrize(
    ("text", "number"), [("15,5", 15.5), ("1.234,56 %", 1234.56), ("1 234,5", 1234.5), ("15", 15), (",5", 0.5)]
)
def test_decimal_commas_are_read_where_they_are_stated(text, number):
    assert read_number(text, DTI, DecimalMark.COMMA) == number


@pytest.mark.parametrize("text", ["\u22125", "\u20135", "-$5", "$-5", "-5"])
def test_other_minus_signs_are_minus_signs(text):
    assert read_number(text, INCOME) == -5


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        *(
            (text, "looks like a number with a decimal comma")
            for text in ("15,5", "0,155", "1.234,56", "52.000,00")
        ),
        *(
            (text, "is not a number")
            for text in ("12,34,567", "1 2 3", "1_000", "52k", "50%", "--5", "٣", "$", "e5")
        ),
        ("\u2013", "may mean 0 or a missing value"),
        ("\u20ac 500", "is in another currency"),
        ("C$500", "is in another currency"),
        ("#DIV/0!", "is an error of a spreadsheet"),
    ],
)
def test_a_number_that_is_none_or_could_be_two_is_refused(text, problem):
    with pytest.raises(UnreadableText) as refused:
        read_number(text, INCOME)
    assert refused.value.problem == problem
    assert bool(refused.value.remedy) == (problem != "is not a number")


def test_a_decimal_point_is_refused_where_decimal_commas_are_stated():
    with pytest.raises(UnreadableText, match="decimal point"):
        read_number("15.5", DTI, DecimalMark.COMMA)


@pytest.mark.parametrize(
    "word", [*sorted(MISSING_WORDS), "NaN", " N/A ", "<NA>", "\\N", "\u200b", '""', "\u00a0", "None"]
)
def test_words_for_a_missing_value_mean_the_same_in_every_field(word):
    assert is_missing(word)
    assert read_number(word, UTILIZATION) is None
    assert read_choice(word, EMPLOYED) == "n/a"
    assert read_choice(word, PURPOSE) is None


@pytest.mark.parametrize(
    ("field", "text", "choice"),
    [
        (OWNERSHIP, "Rent", "RENT"),
        (OWNERSHIP, "NONE", "NONE"),
        (OWNERSHIP, " NONE ", "NONE"),
        (PURPOSE, "Debt consolidation", "debt_consolidation"),
        (PURPOSE, "DEBT - CONSOLIDATION", "debt_consolidation"),
        (PURPOSE, "home\u00a0improvement", "home_improvement"),
        (TERM, " 36 Months", "36 months"),
        (TERM, "60", "60 months"),
        (TERM, "36.0", "36 months"),
        (TERM, "36.0 months", "36 months"),
        (EMPLOYED, "<1 year", "< 1 year"),
        (EMPLOYED, "10+ Years", "10+ years"),
        (BOAT_LOAN.field_by_name["experience"], "Over 5 Years", "over 5 years"),
        (BOAT_LOAN.field_by_name["guarantor"], "None", None),
    ],
)
def test_a_choice_is_read_whatever_its_letter_case_and_spaces(field, text, choice):
    assert read_choice(text, field) == choice


@pytest.mark.parametrize(
    ("field", "text"),
    [(EMPLOYED, "-1 year"), (EMPLOYED, "5"), (PURPOSE, "yacht"), (TERM, "48 months"), (TERM, "3 6")],
)
def test_another_word_is_not_a_choice(field, text):
    with pytest.raises(UnreadableText, match="is not recognized"):
        read_choice(text, field)


@pytest.mark.parametrize(("field", "text"), [(OWNERSHIP, "None"), (BOAT_LOAN.field_by_name["experience"], "NONE")])
def test_a_word_that_means_a_choice_or_a_missing_value_is_refused(field, text):
    with pytest.raises(UnreadableText, match=r"may mean the choice (none|NONE) or a missing value"):
        read_choice(text, field)
