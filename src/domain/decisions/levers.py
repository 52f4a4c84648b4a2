"""The values that levers try for one applicant, and the application with one of them."""

from dataclasses import replace
from math import ceil, isnan

from domain.applications.loan_application import FieldValue, LoanApplication
from domain.applications.money import Money
from domain.models.characteristics import Characteristics
from domain.policies.pricing import Pricing
from domain.policies.scoring_policy import ScoringPolicy
from domain.products.fields import ChoiceField, NumberField
from domain.products.levers import Lever, LeverKind
from domain.products.product_definition import ProductDefinition

Steps = tuple[float, ...]


def steps_of(lever: Lever, characteristics: Characteristics, policy: ScoringPolicy) -> Steps:
    """The other values of the lever's field, smallest change first; none for a value that was not given."""
    product = policy.product
    given = characteristics[product.inputs.index(lever.field)]
    if not isinstance(given, float) or isnan(given):
        return ()
    match lever.kind:
        case LeverKind.SMALLER_AMOUNT:
            return _amounts(given, policy.pricing)
        case LeverKind.OTHER_CHOICE:
            return _other_choices(given, product.field_by_name[lever.field])
        case LeverKind.WHOLE_NUMBERS_BELOW:
            field = product.field_by_name[lever.field]
            least = ceil(field.minimum) if isinstance(field, NumberField) else 0
            return tuple(float(whole) for whole in range(ceil(given) - 1, least - 1, -1))
        case LeverKind.STEPS_UP:
            step = int(lever.step)
            return tuple(float(value) for value in range(int(given) + step, int(lever.maximum) + 1, step))


def apply_lever(
    lever: Lever, application: LoanApplication, value: float, product: ProductDefinition
) -> LoanApplication:
    """The application with this value of the lever's field."""
    if lever.field == product.amount:
        return application.with_amount(Money.of(value))
    if lever.field == product.term:
        return replace(application, terms=replace(application.terms, term=int(value)))
    before = application.applicant[lever.field]
    changed: dict[str, FieldValue] = {lever.field: _stored(value, lever.field, product)}
    partner = application.applicant.get(lever.partner)
    if isinstance(partner, int | float) and isinstance(before, int | float):
        moved = min(value + (partner - before), lever.maximum)
        changed[lever.partner] = _stored(moved, lever.partner, product)
    return replace(application, applicant={**application.applicant, **changed})


def _stored(value: float, name: str, product: ProductDefinition) -> FieldValue:
    """The number as an application has it."""
    field = product.field_by_name[name]
    if isinstance(field, ChoiceField):
        numbers = field.number_by_choice
        return next(choice for choice in field.choices if numbers[choice] == value)
    return int(value) if field.whole else value


def _amounts(given: float, pricing: Pricing) -> Steps:
    if given <= pricing.minimum_amount:
        return (pricing.minimum_amount,) if given < pricing.minimum_amount else ()
    largest = min(given, pricing.maximum_amount)
    count = int((largest - pricing.minimum_amount) // pricing.amount_step)
    amounts = (pricing.minimum_amount + step * pricing.amount_step for step in range(count, -1, -1))
    return tuple(amount for amount in amounts if amount < given)


def _other_choices(given: float, field: ChoiceField | NumberField) -> Steps:
    numbers = field.number_by_choice.values() if isinstance(field, ChoiceField) else ()
    return tuple(number for number in numbers if number != given and not isnan(number))
