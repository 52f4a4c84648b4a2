"""What the descriptions of routes have in common, in OpenAPI's words."""

from typing import Any

from entrypoints.api.http.problems import MEDIA_TYPE
from entrypoints.api.http.responses import JSON

_PROBLEMS = {
    400: "The request is malformed; `errors` names every fault that can be named.",
    401: "No token, or one that is not valid; `WWW-Authenticate` says which.",
    403: "The caller's role does not allow it, or the password must be changed first: see `type`.",
    404: "There is no such decision, or batch.",
    409: "The batch has ended already, or has not yet; or what made the decision, or stands under the key, is not "
    "kept here.",
    405: "The method is not possible here; `Allow` lists those that are.",
    408: "The body did not arrive in time.",
    413: "The body is larger than is read.",
    415: "The body's kind is not supported.",
    422: "The content is not valid, `errors` names every fault; or the key stands for another request.",
    429: "More requests than this caller may send, or logging in failed too often; see `Retry-After`.",
    500: "A fault of the service; it was logged under `request_id`.",
    503: "Something the service stands on does not answer; `Retry-After` says when to try again, and `type` "
    "whether it is known that nothing was done.",
}
REQUEST_ID = {
    "name": "X-Request-ID",
    "in": "header",
    "description": "An identifier of the caller's own, given back with the answer: printable ASCII, at most 128 "
    "characters; any other is replaced.",
    "schema": {"type": "string"},
}
SECURED: list[dict[str, list[str]]] = [{"token": []}]


def operation(name: str, tag: str, summary: str, status: int, answer: str) -> dict[str, Any]:
    """An operation that answers one of the structs."""
    done = {"description": summary, "content": {JSON: {"schema": ref(answer)}}}
    return {"operationId": name, "tags": [tag], "summary": summary, "responses": {str(status): done}}


def problems(*statuses: int) -> dict[str, Any]:
    """The problems that may be answered, by status."""
    content = {"schema": ref("Problem")}
    return {
        str(status): {"description": _PROBLEMS[status], "content": {MEDIA_TYPE: dict(content)}}
        for status in statuses
    }


def ref(name: str) -> dict[str, str]:
    """Where a struct is described."""
    return {"$ref": f"#/components/schemas/{name}"}
