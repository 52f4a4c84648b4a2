"""Notices as rows."""

from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from adapters.persistence.notices.notice_tables import notices
from domain.notices.notice import Notice
from domain.notices.notice_kind import NoticeKind
from domain.notices.notice_state import NoticeCause, NoticeState

CHANGED = ("state", "version", "issued_at", "delivered_on", "returned_on", "changed_at", "changed_by")
"""The columns that actions change."""
_NAMES = tuple(field.name for field in fields(Notice))
NOTICE_COLUMNS = tuple(notices.c[name] for name in _NAMES)


def to_row(notice: Notice) -> dict[str, Any]:
    """The values of the columns, by their names."""
    row = {name: getattr(notice, name) for name in _NAMES}
    return row | {"kind": notice.kind.value, "cause": notice.cause.value, "state": notice.state.value}


def from_row(row: Mapping[Any, Any]) -> Notice:
    """The notice in a row."""
    values = {name: row[name] for name in _NAMES}
    return Notice(
        **values
        | {
            "kind": NoticeKind(row["kind"]),
            "cause": NoticeCause(row["cause"]),
            "state": NoticeState(row["state"]),
        }
    )
