"""Translates a filter of decisions to SQL conditions."""

import re
from collections.abc import Callable, Collection
from decimal import Decimal
from operator import ge, le
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Numeric,
    Text,
    and_,
    false,
    func,
    literal,
    or_,
    text,
)

from adapters.persistence.cases.final_outcomes import has_final_outcome
from adapters.persistence.database.tables import decisions
from adapters.persistence.database.texts import storable
from application.ports.decisions.decision_archive import DecisionFilter

_IDENTIFIER = "00000000-0000-0000-0000-000000000000"
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


REFERENCES = text("""
SELECT EXISTS (SELECT FROM decisions WHERE application_reference IS NOT NULL
        AND lower(application_reference) LIKE lower(:pattern))
    OR EXISTS (SELECT FROM decisions WHERE applicant_reference IS NOT NULL
        AND lower(applicant_reference) LIKE lower(:pattern))
WHERE (SELECT bool_and(indisvalid) FROM pg_index WHERE indexrelid IN (
    to_regclass('decisions_application_references'), to_regclass('decisions_applicant_references')))
""")
"""Whether any reference begins with a text; nothing while an index is being built.

If none does, references are no alternative of the search, which then reads an index only.
"""


def reference_pattern(text: str) -> dict[str, str]:
    """The parameters of REFERENCES for a text."""
    return {"pattern": _beginning(text)}


def searched_name(query: DecisionFilter) -> str | None:
    """The text to look for in names."""
    return None if query.text is None else storable(query.text.lower())


def conditions(
    query: DecisionFilter,
    owner: str | None = None,
    names: Collection[str] | None = None,
    purposes: Collection[str] = (),
    *,
    references: bool = True,
) -> list[ColumnElement[bool]]:
    """The conditions that a decision must all meet. With an owner, only decisions requested by that user match.

    `names` are those of users whose name contains the text, where they are known; `purposes` are all that exist;
    `references` says whether any reference may begin with the text.
    """
    columns = decisions.c
    criteria: list[ColumnElement[bool] | None] = [
        None if owner is None else columns.requested_by == owner,
        None if query.outcome is None else columns.outcome == query.outcome.value,
        None if query.final_outcome is None else has_final_outcome(query.final_outcome),
        None if query.since is None else columns.decided_at >= query.since,
        None if query.until is None else columns.decided_at < query.until,
        None if query.minimum_amount is None else _amount(ge, query.minimum_amount),
        None if query.maximum_amount is None else _amount(le, query.maximum_amount),
        None if query.minimum_pd is None else columns.pd >= query.minimum_pd,
        None if query.below_pd is None else columns.pd < query.below_pd,
        None if query.grade is None else columns.grade == storable(query.grade),
        None if query.requested_by is None else columns.requested_by == storable(query.requested_by),
        None if query.text is None else _matches_text(query, query.purposes_among(purposes), names, references),
        _reference(columns.application_reference, query.application_reference),
        _reference(columns.applicant_reference, query.applicant_reference),
        None if query.source is None else columns.source == storable(query.source),
        None if query.channel is None else columns.caller_channel == storable(query.channel),
        None if query.received_through is None else columns.channel == storable(query.received_through),
        None if query.model_version is None else columns.model_version == storable(query.model_version),
        None if query.policy_version is None else columns.policy_version == storable(query.policy_version),
        None if query.trial is None else columns.trial if query.trial else columns.trial.is_not(True),
    ]
    return [condition for condition in criteria if condition is not None]


def _amount(compare: Callable[[Any, Any], ColumnElement[bool]], dollars: float) -> ColumnElement[bool]:
    """Compares the amount with the one entered: the float's shortest decimal form instead of its binary value."""
    return compare(decisions.c.loan_amnt, literal(Decimal(str(dollars)), Numeric()))


def _reference(column: ColumnElement[Any], reference: str | None) -> ColumnElement[bool] | None:
    """Equality with a reference, in two conditions: the index has lower case."""
    if reference is None:
        return None
    wanted = storable(reference)
    return and_(column.is_not(None), func.lower(column) == func.lower(literal(wanted, Text())), column == wanted)


def _beginning(text: str) -> str:
    """The pattern of texts that begin with this one."""
    return re.sub(r"([\\%_])", r"\\\1", storable(text)) + "%"


def _matches_text(
    query: DecisionFilter, purposes: Collection[str], names: Collection[str] | None, references: bool
) -> ColumnElement[bool]:
    """Alternatives that cannot match are left out, because each needs an index."""
    columns, text = decisions.c, (query.text or "").lower()
    alternatives = _identifier_range(text)
    if names is None:
        alternatives.append(func.strpos(func.lower(columns.requested_by), storable(text)) > 0)
    elif names:
        alternatives.append(columns.requested_by.in_(sorted(names)))
    if purposes:
        alternatives.append(columns.purpose.in_(sorted(purposes)))
    if references:
        pattern = func.lower(literal(_beginning(text), Text()))
        alternatives += [
            and_(column.is_not(None), func.lower(column).like(pattern))
            for column in (columns.application_reference, columns.applicant_reference)
        ]
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
