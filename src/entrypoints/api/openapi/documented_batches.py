"""What the routes of batches take and answer, in OpenAPI's words."""

from typing import Any

from entrypoints.api.batches import routes as batches
from entrypoints.api.batches import webhooks
from entrypoints.api.decisions.decision_query import LIMIT, Parameter
from entrypoints.api.http import idempotency
from entrypoints.api.openapi.documented_parts import REQUEST_ID, SECURED, operation, problems

_BATCH_ID = {"name": "batch_id", "in": "path", "required": True, "schema": {"type": "string", "format": "uuid"}}

_ABOUT = (
    "CSV, CSV.gz or Parquet of at most 1 GiB, with the thirteen fields of a loan application as columns in any "
    "order, as LendingClub's files name them. It is decided by a worker: ask how far it has got, or name a "
    "webhook_url to be told of its end. A caller with too many batches waiting or uploads under way gets 429."
)


def documented_batches() -> dict[str, Any]:
    """Every path of batches and what can be done there."""
    one = batches.PATH + "/{batch_id}"
    return {
        batches.PATH: {"post": _submit(), "get": _list()},
        one: {"get": _of_one("readBatch", "How far a batch has got", 401, 403, 404, 500, 503)},
        one + "/cancel": {
            "post": _of_one("cancelBatch", "Stop a batch where it stands", 401, 403, 404, 409, 500, 503)
        },
        one + "/results": {"get": _lines("readBatchResults", "A line of CSV for each decision")},
        webhooks.PATH + "/secret": {"get": _webhooks("readWebhookSecret", "The caller's secret", "WebhookSecret")},
        webhooks.PATH + "/dead-letters": {
            "get": _webhooks("listDeadLetters", "Webhooks that never arrived", "DeadLetterList")
        },
        one + "/errors": {"get": _lines("readBatchErrors", "A line of CSV for each fault of a refused row")},
    }


def _submit() -> dict[str, Any]:
    told = operation("submitBatch", "batches", "Hand in a file of loan applications", 202, "BatchResponse")
    told["responses"]["202"]["headers"] = {
        **idempotency.REPLAYED_HEADER,
        "Location": {"description": "The batch.", "schema": {"type": "string"}},
    }
    told["responses"].update(problems(400, 401, 403, 408, 409, 413, 415, 422, 429, 500, 503))
    content = {kind: {"schema": {"type": "string", "format": "binary"}} for kind in batches.KINDS}
    return told | {
        "description": _ABOUT,
        "security": SECURED,
        "parameters": [
            _query(batches.NAME),
            _query(batches.WEBHOOK_URL),
            idempotency.PARAMETER,
            REQUEST_ID,
        ],
        "requestBody": {"required": True, "content": content},
    }


def _list() -> dict[str, Any]:
    told = operation("listBatches", "batches", "Batches, newest first", 200, "BatchList")
    told["responses"].update(problems(400, 401, 403, 429, 500, 503))
    return told | {"security": SECURED, "parameters": [_query(LIMIT), _query(batches.BEFORE), REQUEST_ID]}


def _of_one(name: str, summary: str, *statuses: int) -> dict[str, Any]:
    told = operation(name, "batches", summary, 200, "BatchResponse")
    told["responses"].update(problems(*statuses, 429))
    return told | {"security": SECURED, "parameters": [_BATCH_ID, REQUEST_ID]}


def _lines(name: str, summary: str) -> dict[str, Any]:
    told = _of_one(name, summary, 401, 403, 404, 409, 500, 503)
    told["responses"]["200"]["content"] = {batches.CSV: {"schema": {"type": "string"}}}
    return told


def _webhooks(name: str, summary: str, answer: str) -> dict[str, Any]:
    told = operation(name, "batches", summary, 200, answer)
    told["responses"].update(problems(401, 403, 429, 500, 503))
    return told | {"security": SECURED, "parameters": [REQUEST_ID]}


def _query(parameter: Parameter) -> dict[str, Any]:
    return {
        "name": parameter.name,
        "in": "query",
        "description": parameter.allowed,
        "schema": parameter.schema,
    }
