"""The rows of applicants' links and requests, compared with the actions from which they follow."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Row, Uuid, any_, bindparam, select
from sqlalchemy.ext.asyncio import AsyncConnection

from adapters.persistence.audit.action_rows import bounded
from adapters.persistence.reconsiderations.action_documents import decode
from adapters.persistence.reconsiderations.reconsideration_rows import link_row, request_row
from adapters.persistence.reconsiderations.reconsideration_tables import (
    applicant_links,
    reconsideration_actions,
    reconsiderations,
)
from application.ports.audit.present_states import ComparedRequests, RowKey
from domain.reconsiderations.reconsideration_errors import InvalidReconsiderationHistory
from domain.reconsiderations.reconsideration_file import ReconsiderationFile
from domain.stored_document import UnreadableDocument

_IDS = bindparam("ids", type_=ARRAY(Uuid))
_NEXT = """
SELECT application_id FROM (
    (SELECT application_id FROM applicant_links WHERE application_id > :after ORDER BY 1 LIMIT :limit) UNION
    (SELECT application_id FROM reconsiderations WHERE application_id > :after ORDER BY 1 LIMIT :limit) UNION
    (SELECT application_id FROM reconsideration_actions WHERE application_id > :after {} ORDER BY 1 LIMIT :limit)
) AS known ORDER BY application_id LIMIT :limit
"""
_ACTIONS = (
    select(reconsideration_actions.c.application_id, reconsideration_actions.c.action_id)
    .add_columns(bounded(reconsideration_actions))
    .where(reconsideration_actions.c.application_id == any_(_IDS))
    .order_by(reconsideration_actions.c.application_id, reconsideration_actions.c.number)
)
Rows = Mapping[RowKey, Mapping[str, object]]


def next_requests(since: datetime | None) -> tuple[str, Mapping[str, Any]]:
    """The statement of the next applications. There are few, so that all are compared whenever some changed."""
    return _NEXT.format("" if since is None else "AND at >= :since"), {} if since is None else {"since": since}


async def compared_requests(connection: AsyncConnection, found: Sequence[Row[Any]]) -> list[ComparedRequests]:
    """What is stored about these applications and what their actions lead to."""
    ids = [row.application_id for row in found]
    documents: dict[UUID, list[Row[Any]]] = {}
    for row in await connection.execute(_ACTIONS, {"ids": ids}):
        documents.setdefault(row.application_id, []).append(row)
    stored: dict[UUID, dict[RowKey, Mapping[str, object]]] = {}
    for name, table in (("link", applicant_links), ("request", reconsiderations)):
        query = select(table).where(table.c.application_id == any_(_IDS))
        for row in await connection.execute(query, {"ids": ids}):
            stored.setdefault(row.application_id, {})[name, row[0]] = dict(row._mapping)
    return [_compared(each, stored.get(each, {}), documents.get(each, [])) for each in ids]


def _compared(application_id: UUID, stored: Rows, documents: Sequence[Row[Any]]) -> ComparedRequests:
    try:
        actions = [decode(each.document, each.action_id) for each in documents]
        file = ReconsiderationFile.of(application_id, actions)
    except (UnreadableDocument, InvalidReconsiderationHistory, ValueError) as fault:
        return ComparedRequests(application_id, stored, {}, f"its requests cannot be read: {fault}")
    expected: dict[RowKey, Mapping[str, object]] = {
        ("link", each.link_id): link_row(each) for each in file.links.values()
    }
    for request in file.requests.values():
        row = request_row(request, version=0 if request.is_open else 1)
        expected["request", request.reconsideration_id] = row
    return ComparedRequests(application_id, stored, expected)
