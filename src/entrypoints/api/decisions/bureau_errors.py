"""Every error in what a request says about the credit bureau's data."""

from collections.abc import Mapping

from domain.applications.bureau_fields import ALIASES, BUREAU_STATUS, NAMES
from domain.decisions.bureau_data import STATUSES, InvalidBureauData, read_bureau_data
from domain.decisions.circumstances import NO_CIRCUMSTANCES, Circumstances
from domain.products.close_match import did_you_mean
from entrypoints.api.decisions.shown_values import shown_value
from entrypoints.api.http.problems import FieldError

SUGGESTED = {alias: name for name, aliases in ALIASES.items() for alias in aliases}
"""Usual names of the fields, for hints."""


def check_bureau_data(given: Mapping[str, object]) -> tuple[Circumstances, list[FieldError]]:
    """The circumstances that members of a body state, or every error."""
    try:
        return read_bureau_data(*(given.get(name) for name in NAMES)), []
    except InvalidBureauData as fault:
        return NO_CIRCUMSTANCES, [
            FieldError(
                each.field,
                each.problem + _hint(each.field, given[each.field]),
                each.allowed,
                shown_value(given[each.field]),
            )
            for each in fault.faults
        ]


def _hint(name: str, value: object) -> str:
    return did_you_mean(value, STATUSES) if name == BUREAU_STATUS and isinstance(value, str) else ""
