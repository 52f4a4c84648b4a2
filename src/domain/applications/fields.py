"""The thirteen fields of a loan application: names, labels, units, limits and hints.

The API, the web interface and the file readers all use these. Names and formats are those of LendingClub's files.
"""

from domain.products.fields import ChoiceField, Field, NumberField
from domain.products.personal_loan import PERSONAL_LOAN

__all__ = ["FIELDS", "FIELD_BY_NAME", "FIELD_NAMES", "ChoiceField", "Field", "NumberField"]

FIELDS: tuple[Field, ...] = PERSONAL_LOAN.fields
FIELD_NAMES = tuple(field.name for field in FIELDS)
FIELD_BY_NAME = PERSONAL_LOAN.field_by_name
