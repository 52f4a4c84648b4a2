"""Translates a filter of decisions to SQL conditions."""

import re
from collections.abc import Callable, Collection
from decimal import ROUND_HALF_UP, Decimal
from operator import ge, le
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Numeric,
    and_,
    case,
    cast,
    false,
    func,
    literal,
    or_,
    text,
    true,
)

from adapters.persistence.database.tables import decisions
from application.ports.decisions.decision_archive import DecisionFilter

_IDENTIFIER = "00000000-0000-0000-0000-000000000000"
_ANY_AMOUNT = 10**11
"""More than the column can hold."""
_HEX = re.compile("[0-9a-f]*")


NAMES = text("""
WITH RECURSIVE names AS (
    (SELECT requested_by FROM decisions ORDER BY requested_by LIMIT 1)
    UNION ALL
    SELECT (
        SELECT requested_by FROM decisions WHERE requested_by > names.requested_by ORDER BY requested_by LIMIT 1
    ) FROM names WHERE requested_by IS NOT NULL
)
SELECT array(SELECT requested_by FROM names WHERE strpos(lower(requested_by), :text) > 0)
WHERE (SELECT indisvalid FROM pg_index WHERE indexrelid = to_regclass('decisions_filters'))
""")
"""The users who requested decisions and whose names contain `text`, by an index lookup for each user.

Nothing while the index is being built: `conditions` then searches the names of all decisions.
"""


def searched_name(query: DecisionFilter) -> str | None:
    """The text to look for in names."""
    return None if query.text is None else _storable(query.text.lower())


def conditions(
    query: DecisionFilter,
    owner: str | None = None,
    names: Collection[str] | None = None,
    purposes: Collection[str] = (),
) -> list[ColumnElement[bool]]:
    """The conditions that a decision must all meet. With an owner, only decisions requested by that user match.

    `names` are those of users whose name contains the text, where they are known; `purposes` are all that exist.
    """
    columns = decisions.c
    criteria: list[ColumnElement[bool] | None] = [
        None if owner is None else columns.requested_by == owner,
        None if query.outcome is None else columns.outcome == query.outcome.value,
        None if query.since is None else columns.decided_at >= query.since,
        None if query.until is None else columns.decided_at < query.until,
        None if query.minimum_amount is None else _amount(ge, query.minimum_amount),
        None if query.maximum_amount is None else _amount(le, query.maximum_amount),
        None if query.grade is None else columns.grade == _storable(query.grade),
        None if query.requested_by is None else columns.requested_by == _storable(query.requested_by),
        None if query.text is None else _matches_text(query.text.lower(), query.purposes_among(purposes), names),
    ]
    return [condition for condition in criteria if condition is not None]


def _amount(compare: Callable[[Any, Any], ColumnElement[bool]], dollars: float) -> ColumnElement[bool]:
    """Compares the amount with the one entered: the float's shortest decimal form instead of its binary value.

    The index has rounded amounts, in the same order. The planner estimates by these; it would take the exact
    condition for a further one, if it were not a CASE.
    """
    amount, entered = decisions.c.loan_amnt, Decimal(str(dollars))
    if abs(dollars) < _ANY_AMOUNT:
        rounded = int(entered.quantize(Decimal(1), ROUND_HALF_UP))
    else:  # infinite, or not a number, which PostgreSQL sorts as the largest
        rounded = -_ANY_AMOUNT if dollars < 0 else _ANY_AMOUNT
    exact = case((compare(amount, literal(entered, Numeric())), true()))
    return and_(compare(cast(amount, BigInteger), literal(rounded, BigInteger())), exact)


def _storable(text: str) -> str:
    """The text with characters replaced that PostgreSQL cannot store, which therefore match no row."""
    return text.replace("\0", "\ufffd").encode("utf-8", "replace").decode()


def _matches_text(text: str, purposes: Collection[str], names: Collection[str] | None) -> ColumnElement[bool]:
    """Alternatives that cannot match are left out, because each needs an index."""
    columns = decisions.c
    alternatives = _identifier_range(text)
    if names is None:
        alternatives.append(func.strpos(func.lower(columns.requested_by), _storable(text)) > 0)
    elif names:
        alternatives.append(columns.requested_by.in_(sorted(names)))
    if purposes:
        alternatives.append(columns.purpose.in_(sorted(purposes)))
    return or_(false(), *alternatives)


def _identifier_range(text: str) -> list[ColumnElement[bool]]:
    """A condition for identifiers that begin with the text; none if no identifier can."""
    as_written = len(text) <= len(_IDENTIFIER) and all(
        (given == "-") == (usual == "-") for given, usual in zip(text, _IDENTIFIER, strict=False)
    )
    digits = text.replace("-", "")
    if not as_written or not _HEX.fullmatch(digits):
        return []
    lowest, highest = UUID(hex=digits.ljust(32, "0")), UUID(hex=digits.ljust(32, "f"))
    return [and_(decisions.c.decision_id >= lowest, decisions.c.decision_id <= highest)]
