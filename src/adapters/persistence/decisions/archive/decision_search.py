"""What a filter of decisions asks of their table."""

import re
from collections.abc import Collection
from decimal import Decimal
from uuid import UUID

from sqlalchemy import BindParameter, ColumnElement, Numeric, and_, func, literal, or_

from adapters.persistence.database.tables import decisions
from application.ports.decisions.decision_archive import DecisionFilter
from domain.applications.loan_terms import Purpose

_IDENTIFIER = "00000000-0000-0000-0000-000000000000"
_HEX = re.compile("[0-9a-f]*")


def conditions(wanted: DecisionFilter, owner: str | None = None) -> list[ColumnElement[bool]]:
    """The conditions that a decision must meet, all of them; with an owner, that the user asked for it."""
    columns = decisions.c
    asked: list[ColumnElement[bool] | None] = [
        None if owner is None else columns.requested_by == owner,
        None if wanted.outcome is None else columns.outcome == wanted.outcome.value,
        None if wanted.since is None else columns.decided_at >= wanted.since,
        None if wanted.until is None else columns.decided_at < wanted.until,
        None if wanted.minimum_amount is None else columns.loan_amnt >= _exact(wanted.minimum_amount),
        None if wanted.maximum_amount is None else columns.loan_amnt <= _exact(wanted.maximum_amount),
        None if wanted.grade is None else columns.grade == _storable(wanted.grade),
        None if wanted.requested_by is None else columns.requested_by == _storable(wanted.requested_by),
        None if wanted.text is None else _mentions(wanted.text.lower(), wanted.purposes),
    ]
    return [condition for condition in asked if condition is not None]


def _exact(dollars: float) -> BindParameter[Decimal]:
    """The amount as written: the float's shortest decimal form, not the binary fraction it stands for."""
    return literal(Decimal(str(dollars)), Numeric())


def _storable(text: str) -> str:
    """Text that PostgreSQL takes; what it cannot hold is in no row either."""
    return text.replace("\0", "\ufffd").encode("utf-8", "replace").decode()


def _mentions(text: str, purposes: Collection[Purpose]) -> ColumnElement[bool]:
    columns = decisions.c
    within_name = func.strpos(func.lower(columns.requested_by), _storable(text)) > 0
    return or_(within_name, columns.purpose.in_(sorted(purpose.value for purpose in purposes)), *_begins(text))


def _begins(text: str) -> list[ColumnElement[bool]]:
    """The range of identifiers that begin like this; none when none can."""
    as_written = len(text) <= len(_IDENTIFIER) and all(
        (given == "-") == (usual == "-") for given, usual in zip(text, _IDENTIFIER, strict=False)
    )
    digits = text.replace("-", "")
    if not as_written or not _HEX.fullmatch(digits):
        return []
    lowest, highest = UUID(hex=digits.ljust(32, "0")), UUID(hex=digits.ljust(32, "f"))
    return [and_(decisions.c.decision_id >= lowest, decisions.c.decision_id <= highest)]
