from math import inf, isnan

import numpy as np
import pytest

from domain.products.formula import Formula, InvalidFormula, compile_measures

INCOME = "annual_inc + (annual_inc < 1) * 1.0"


def measures(*texts: str, derived: dict[str, str] | None = None):
    named = {name: Formula(text) for name, text in (derived or {}).items()}
    return compile_measures([Formula(text) for text in texts], named, {"annual_inc": 0, "dti": 1})


def test_a_formula_gives_one_applicant_and_a_column_the_same_bits():
    compute = measures("amount / income", "dti / 100 + 12 * instalment / income", derived={"income": INCOME})
    rows = np.random.default_rng(1).uniform(0.0, [[2.0], [999.0], [1000.0], [90.0]], (4, 2000))
    columns = compute((rows[0], rows[1]), rows[2], rows[3])
    for place, (income, dti, amount, instalment) in enumerate(rows.T.tolist()):
        alone = compute((income, dti), amount, instalment)
        assert alone == tuple(column[place] for column in columns)
        assert alone[1] == dti / 100 + 12 * instalment / (income + (income < 1) * 1.0)


def test_division_by_zero_is_that_of_columns():
    compute = measures("amount / annual_inc", "-amount / annual_inc", "dti / annual_inc")
    assert compute((0.0, 0.0), 5.0, 0.0)[:2] == (inf, -inf)
    assert isnan(compute((0.0, 0.0), 5.0, 0.0)[2])
    with np.errstate(divide="ignore", invalid="ignore"):
        columns = compute((np.array([0.0, -0.0]), np.zeros(2)), np.array([5.0, 5.0]), np.zeros(2))
    assert columns[0].tolist() == [compute((zero, 0.0), 5.0, 0.0)[0] for zero in (0.0, -0.0)]


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("__import__('os')", "uses"),
        ("annual_inc.real", "uses"),
        ("annual_inc ** 2", "uses"),
        ("annual_inc // 2", "uses"),
        ("[annual_inc]", "uses"),
        ("'a'", "uses"),
        ("True", "uses"),
        ("_private", "uses"),
        ("annual_inc if dti else 1", "uses"),
        ("(annual_inc := 1)", "uses"),
        ("annual_inc +", "is not a formula"),
        ("", "is not a formula"),
        ("annual_inc < 1", "as a number"),
        ("(annual_inc < 1) + (dti < 1)", "as a number"),
        ("(annual_inc < 1) * (dti < 1)", "two comparisons"),
        ("1 < annual_inc < 2", "uses"),
        ("(" * 150 + "1" + ")" * 150, "at most 200 characters"),
    ],
)
def test_a_formula_that_uses_anything_else_is_refused(text: str, fault: str):
    with pytest.raises(InvalidFormula, match=fault):
        Formula(text)


def test_an_unknown_name_is_refused_with_those_that_exist():
    with pytest.raises(InvalidFormula, match=r"uses incme; it can use amount, income"):
        Formula("amount / incme").check_names({"amount", "income"})
