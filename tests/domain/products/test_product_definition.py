import json
from dataclasses import replace

import pytest

from domain.products.fields import ChoiceField, NumberField
from domain.products.levers import Lever, LeverKind
from domain.products.personal_loan import PERSONAL_LOAN
from domain.products.product_definition import InvalidProductDefinition
from domain.products.quantities import Characteristic, DerivedQuantity, Measure
from domain.products.stored_product import UnreadableProduct, product_from, read_product


def test_a_definition_is_read_from_its_document_with_the_same_fingerprint():
    stored = product_from(PERSONAL_LOAN.document)
    assert stored == PERSONAL_LOAN
    assert stored.fingerprint == PERSONAL_LOAN.fingerprint
    assert json.loads(stored.document)["kind"] == "product"


def test_a_person_may_write_the_file_in_any_layout():
    content = json.loads(PERSONAL_LOAN.document)
    assert (
        read_product(json.dumps(dict(reversed(content.items())), indent=2)).fingerprint
        == PERSONAL_LOAN.fingerprint
    )


@pytest.mark.parametrize(
    "text",
    ["", "[]", "{}", '{"kind":"policy","schema":1}', PERSONAL_LOAN.document.replace('"schema":1', '"schema":9')],
)
def test_anything_else_is_not_a_definition(text: str):
    with pytest.raises(UnreadableProduct):
        read_product(text)


def test_a_member_that_is_given_twice_is_refused():
    text = PERSONAL_LOAN.document.replace('"minimum":0', '"minimum":5,"minimum":0', 1)
    with pytest.raises(UnreadableProduct, match="'minimum' is given twice"):
        read_product(text)


def test_measures_that_vary_with_the_amount_are_known_also_through_derived_quantities():
    varying = [each.name for each in PERSONAL_LOAN.measures if PERSONAL_LOAN.depends_on_amount(each.name)]
    assert varying == ["loan amount", "loan to income", "debt to income after"]
    product = replace(
        PERSONAL_LOAN,
        derived=(*PERSONAL_LOAN.derived, DerivedQuantity("share", "amount / income")),
        measures=(Measure("double share", "2 * share", "Double share"),),
    )
    assert product.depends_on_amount("double share")


def test_inputs_are_the_characteristics_and_what_formulas_need_besides():
    product = replace(
        PERSONAL_LOAN, measures=(*PERSONAL_LOAN.measures, Measure("best score", "fico_range_high", "Best score"))
    )
    assert PERSONAL_LOAN.inputs == PERSONAL_LOAN.characteristic_names
    assert product.inputs == (*PERSONAL_LOAN.characteristic_names, "fico_range_high")


def test_every_fault_of_a_definition_is_named():
    with pytest.raises(InvalidProductDefinition) as refused:
        replace(
            PERSONAL_LOAN,
            fields=(
                *PERSONAL_LOAN.fields,
                NumberField("Bad Name", "Bad", "", 0, 1, ""),
                NumberField("row", "Row", "", 0, 1, ""),
                NumberField("rate", "Rate", "%", 0, 1, "", aliases=("INT_RATE",)),
                NumberField("range", "Range", "", 2, 1, ""),
                NumberField("wide", "Wide", "", 0, 10**400, "", usual_width=float("nan"), aliases=(" Purpose ",)),
                NumberField("instalment", "Instalment", "$", 0, 1, "", not_below="nothing"),
                ChoiceField("color", "Color", ("red", "red"), "", numbers=(float("inf"),)),
                ChoiceField("color", "", ("red",), ""),
                ChoiceField("paint", "Paint", (' "red"',), "", labels=("Red", "Blue")),
            ),
            characteristics=(
                Characteristic("purpose", 1, "PURPOSE"),
                Characteristic("absent", 0, "NO_SUCH_REASON"),
            ),
            measures=(
                Measure("amount", "loan_amnt", "Amount"),
                Measure("words", "purpose * 2", "Words"),
                Measure("code", "exit()", "Code"),
            ),
            derived=(DerivedQuantity("dti", "1"),),
            levers=(
                Lever("dti", LeverKind.SMALLER_AMOUNT, immediate=True),
                Lever("dti", LeverKind.STEPS_UP, immediate=True),
                Lever("pub_rec", LeverKind.STEPS_UP, immediate=True, step=float("inf"), maximum=9),
                Lever("delinq_2yrs", LeverKind.STEPS_UP, immediate=True, step=1, maximum=1e300),
                Lever("annual_inc", LeverKind.WHOLE_NUMBERS_BELOW, immediate=True),
            ),
            example={},
            joint=None,
            version="1\0",
        )
    message = str(refused.value)
    for part in (
        "field 'Bad Name'",
        "field range: the minimum",
        "field wide: the minimum must be below the maximum, and both within 1,000,000,000,000",
        "field wide: the usual width",
        "column purpose is defined 2 times",
        "column int_rate: files for training use this name",
        "field color: the numbers of choices",
        "a product needs a name, a version and a label, each of 1 to 100 printable",
        "lever pub_rec: 'steps up' needs a whole step",
        "lever delinq_2yrs: the maximum is above that of the field",
        "lever delinq_2yrs: 'steps up' would try more than 1,000 values",
        "lever annual_inc: 'whole numbers below' would try more than 1,000 values",
        "field row: results of files use this name",
        "field instalment: formulas use this name",
        "field instalment: nothing is not another number",
        "field color: it needs choices",
        "field color: 2 choices do not go with 1 numbers",
        "field color is defined 2 times",
        "field paint: a choice has no quotation marks",
        "field paint: a choice has no spaces around it",
        "field paint: 1 choices do not go with 2 labels",
        "fields have a joint column",
        "field color: it needs a label",
        "characteristic purpose: the direction",
        "characteristic absent: no field",
        "characteristic absent: the reason NO_SUCH_REASON",
        "the amount loan_amnt must be a characteristic",
        "measure amount: 'loan_amnt' uses loan_amnt",
        "measure words: 'purpose * 2' uses purpose",
        "measure code: 'exit()' uses",
        "derived quantity dti",
        "lever dti is defined 2 times",
        "lever dti: 'smaller amount' is for the amount only",
        "lever dti: 'steps up' needs a whole step",
        "the example must have every field",
    ):
        assert part in message


@pytest.mark.parametrize("months", [float("inf"), 1e300, 10**400, -12, 0, 1.5, 1201])
def test_a_term_is_a_whole_number_of_months_that_can_be_paid_off(months: float):
    content = json.loads(PERSONAL_LOAN.document)
    term = next(field for field in content["fields"] if field["name"] == "term")
    term["numbers"][1] = months
    with pytest.raises(UnreadableProduct, match="the term term must be a choice"):
        read_product(json.dumps(content))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("annual_inc", -1),
        ("annual_inc", "much"),
        ("pub_rec", 0.5),
        ("term", "3 years"),
        ("dti", None),
        ("dti", True),
    ],
)
def test_the_example_must_be_a_valid_application(name: str, value: object):
    with pytest.raises(InvalidProductDefinition, match=f"the example's {name} must be"):
        replace(PERSONAL_LOAN, example=dict(PERSONAL_LOAN.example) | {name: value})


def test_the_loan_itself_is_an_amount_a_term_in_months_and_perhaps_a_purpose():
    assert replace(PERSONAL_LOAN, purpose=None).purpose is None
    for wrong in ({"amount": "dti"}, {"term": "emp_length"}, {"term": "dti"}, {"purpose": "term"}):
        with pytest.raises(InvalidProductDefinition):
            replace(PERSONAL_LOAN, **wrong)
