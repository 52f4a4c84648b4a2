"""What is wrong with the fields of a product that are the loan itself, and with names that formulas use."""

from collections.abc import Iterator, Mapping

from domain.products.fields import ChoiceField, Field, NumberField
from domain.products.formula import AMOUNT, INSTALMENT
from domain.products.quantities import is_word

_LONGEST_TERM = 1_200


def terms_faults(
    fields: Mapping[str, Field], amount_name: str, term_name: str, purpose: str | None
) -> Iterator[str]:
    """What is wrong with the amount, the term and the purpose; one message for each fault."""
    amount, term = fields.get(amount_name), fields.get(term_name)
    if not isinstance(amount, NumberField) or not amount.is_money or amount.optional or amount.minimum < 0.01:
        yield f"the amount {amount_name} must be a field of money above 0 that is not optional"
    numbers = term.numbers if isinstance(term, ChoiceField) else None
    months = [
        number for number in numbers or () if number and 0 < number <= _LONGEST_TERM and number == int(number)
    ]
    if not months or len(set(months)) < len(numbers or ()) or (term is not None and term.optional):
        months_of = f"a number of months of its own up to {_LONGEST_TERM:,}"
        yield f"the term {term_name} must be a choice, each with {months_of}, not optional"
    if purpose is not None and not is_word(fields.get(purpose)):
        yield f"the purpose {purpose} must be a choice of words"
    for one in fields.values():
        if one.name in {AMOUNT, INSTALMENT} - {amount_name}:
            yield f"field {one.name}: formulas use this name for the loan's own"
        if isinstance(one, NumberField) and one.not_below:
            other = fields.get(one.not_below)
            if not isinstance(other, NumberField) or other is one:
                yield f"field {one.name}: {one.not_below} is not another number of the application"
