"""POST /api/v1/predictions: decide on a loan application.

Most requests come here, so this route is an ASGI application, and requests for exactly its path bypass
Litestar's routing: routing, request object, dependencies and response of Litestar would cost as much as the
decision. Exceptions become problem details as everywhere else.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from time import perf_counter
from typing import Any, NamedTuple

from litestar import Request
from litestar.enums import ScopeType
from litestar.exceptions import MethodNotAllowedException
from litestar.handlers import ASGIRouteHandler, asgi
from litestar.types import ASGIApp, Receive, Scope, Send

from application.use_cases.applications.supersede_decision import SupersedeDecision
from application.use_cases.decisions.assess_loan_application import AssessmentRequest
from application.use_cases.decisions.assess_once import AssessOnce
from domain.access.user import Permission
from domain.products.product_definition import ProductDefinition
from entrypoints.api.decisions.decoding import ReadApplication
from entrypoints.api.decisions.presenters import decision_response
from entrypoints.api.error_handlers import handle_exception
from entrypoints.api.http.authentication import IdentifyNow, authenticate
from entrypoints.api.http.idempotency import REPLAYED, idempotency_key
from entrypoints.api.http.request_body import read_body, require_media_type
from entrypoints.api.http.request_facts import BEGAN, CALLS, caller_request_id, facts_of_decision, observe
from entrypoints.api.http.responses import JSON, PRIVATE, json_bytes

PATH = "/api/v1/predictions"
MAX_BODY_BYTES = 64 * 1024
_ALLOWED_METHODS = "OPTIONS, POST"
_HEADERS = [
    (b"content-type", JSON.encode()),
    *((name.lower().encode(), value.encode()) for name, value in PRIVATE.items()),
]


FAILED = "failed"
"""The key of `scope["state"]` that holds a FailedRequest."""


class FailedRequest(NamedTuple):
    """A request that failed on the fast path: why, the facts of its caller, its arrival, and the calls traced."""

    fault: Exception
    caller: Mapping[str, str]
    began: float
    calls: Sequence[Any] = ()

    @property
    def state(self) -> dict[str, Any]:
        """What the request's observer reads from `scope["state"]`."""
        return {BEGAN: self.began, CALLS: (self.calls, type(self.fault).__name__)}


Predict = Callable[[Scope, Receive, Send], Awaitable[None]]


def prediction_route(predict: Predict) -> ASGIRouteHandler:
    """The route, as a handler of Litestar."""
    return asgi(PATH, copy_scope=False, name="predict")(predict)


def bypass_routing(
    predict: Predict, other: ASGIApp, *, wrap_errors: Callable[[ASGIApp], ASGIApp] = lambda response: response
) -> ASGIApp:
    """An application that calls `predict` for exactly its path and `other` for every other.

    `wrap_errors` wraps the responses that report a problem.
    """

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["path"] != PATH or scope["type"] != ScopeType.HTTP:
            await other(scope, receive, send)
            return
        scope["path_template"] = PATH
        try:
            await predict(scope, receive, send)
        except Exception as fault:
            request = Request[Any, Any, Any](scope, receive, send)
            response = handle_exception(request, fault).to_asgi_response(None, request)
            await wrap_errors(response)(scope, receive, send)

    return app


def prediction_handler(
    assess_once: AssessOnce,
    supersede: SupersedeDecision,
    identify: IdentifyNow,
    read_application: ReadApplication,
    product: ProductDefinition,
) -> Predict:
    """The ASGI application of the route."""

    async def predict(scope: Scope, receive: Receive, send: Send) -> None:
        failed = scope["state"].get(FAILED)
        if failed is not None:
            observe(scope, **failed.caller)
            raise failed.fault
        started = perf_counter()
        if scope["method"] != "POST":  # type: ignore[typeddict-item] # Litestar's router rejects WebSockets
            await _other_method(scope, send)
            return
        headers = dict(scope["headers"])
        actor = await authenticate(identify, scope, headers)
        actor.require(Permission.ASSESS_APPLICATIONS)  # before the body is read
        require_media_type(JSON, headers)
        submitted = read_application(await read_body(receive, headers, limit=MAX_BODY_BYTES))
        application, identity, circumstances, supersedes = submitted
        key = idempotency_key(headers, scope["headers"])
        if supersedes is None:
            result = await assess_once(
                application,
                key=key,
                by=actor,
                received_through="api",
                identity=identity,
                circumstances=circumstances,
            )
        else:
            request = AssessmentRequest(application, actor, "api", key, identity, circumstances, supersedes)
            result = await supersede(request)
        record, extra = result.record, (REPLAYED,) if result.replayed else ()
        facts = facts_of_decision(record, caller_request_id(headers), actor)
        observe(scope, **facts)
        milliseconds = (perf_counter() - started) * 1000
        body = json_bytes(decision_response(record, product, by=actor, processing_time_ms=milliseconds))
        await _send(send, 200, body, (b"x-request-id", facts["request_id"].encode()), *extra)

    return predict


async def _other_method(scope: Scope, send: Send) -> None:
    if scope["method"] != "OPTIONS":  # type: ignore[typeddict-item] # as above
        raise MethodNotAllowedException(headers={"Allow": _ALLOWED_METHODS})
    await _send(send, 204, b"", (b"allow", _ALLOWED_METHODS.encode()))


async def _send(send: Send, status: int, body: bytes, *extra: tuple[bytes, bytes]) -> None:
    headers = [*_HEADERS, (b"content-length", str(len(body)).encode()), *extra]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body, "more_body": False})
