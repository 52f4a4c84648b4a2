"""POST /api/v1/predictions: decide on a loan application.

The one busy route, so it speaks ASGI itself, and requests to its plain path come to it straight, past Litestar's
routing: Litestar's routing, request, dependencies and response would cost as much as the decision. What it raises
becomes a problem detail like everywhere else.
"""

from collections.abc import Awaitable, Callable, Mapping
from time import perf_counter
from typing import Any, NamedTuple

from litestar import Request
from litestar.enums import ScopeType
from litestar.exceptions import MethodNotAllowedException
from litestar.handlers import ASGIRouteHandler, asgi
from litestar.types import ASGIApp, Receive, Scope, Send

from application.use_cases.decisions.assess_loan_application import AssessLoanApplication
from application.use_cases.decisions.assess_once import AssessOnce
from domain.access.user import Permission
from entrypoints.api.decisions.decoding import read_application
from entrypoints.api.decisions.presenters import decision_response
from entrypoints.api.http.authentication import IdentifyNow, authenticate
from entrypoints.api.http.error_handlers import handle_exception
from entrypoints.api.http.idempotency import REPLAYED, idempotency_key
from entrypoints.api.http.request_body import read_body, require_media_type
from entrypoints.api.http.request_facts import caller_request_id, facts_of_decision, observe
from entrypoints.api.http.responses import JSON, PRIVATE, json_bytes

PATH = "/api/v1/predictions"
LARGEST_BODY = 64 * 1024
_ALLOWED = "OPTIONS, POST"
_HEADERS = [
    (b"content-type", JSON.encode()),
    *((name.lower().encode(), value.encode()) for name, value in PRIVATE.items()),
]


FAILED = "failed"
"""Where `scope["state"]` says what became of a request that was decided on before ASGI was asked."""


class Failed(NamedTuple):
    """A request that cannot be answered with a decision: why, and what may be known of who asked."""

    fault: Exception
    caller: Mapping[str, str]


Predict = Callable[[Scope, Receive, Send], Awaitable[None]]


def prediction_route(predict: Predict) -> ASGIRouteHandler:
    """The route, as one of Litestar's."""
    return asgi(PATH, copy_scope=False, name="predict")(predict)


def straight_to(
    predict: Predict, otherwise: ASGIApp, *, when_refused: Callable[[ASGIApp], ASGIApp] = lambda answer: answer
) -> ASGIApp:
    """An application that asks `predict` where its very path is called, and `otherwise` for everything else.

    `when_refused` wraps the answers that tell a problem.
    """

    async def straight(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["path"] != PATH or scope["type"] != ScopeType.HTTP:
            await otherwise(scope, receive, send)
            return
        scope["path_template"] = PATH
        try:
            await predict(scope, receive, send)
        except Exception as fault:
            request = Request[Any, Any, Any](scope, receive, send)
            answer = handle_exception(request, fault).to_asgi_response(None, request)
            await when_refused(answer)(scope, receive, send)

    return straight


def predicting(assess: AssessLoanApplication, assess_once: AssessOnce, identify: IdentifyNow) -> Predict:
    """What answers, over the use cases that decide and that know a caller by the token."""

    async def predict(scope: Scope, receive: Receive, send: Send) -> None:
        failed = scope["state"].get(FAILED)
        if failed is not None:
            observe(scope, **failed.caller)
            raise failed.fault
        started = perf_counter()
        if scope["method"] != "POST":  # type: ignore[typeddict-item] # a WebSocket is refused by Litestar's router
            await _other_method(scope, send)
            return
        headers = dict(scope["headers"])
        actor = await authenticate(identify, scope, headers)
        actor.must(Permission.ASSESS_APPLICATIONS)  # before the body is read
        require_media_type(JSON, headers)
        application = read_application(await read_body(receive, headers, limit=LARGEST_BODY))
        key = idempotency_key(headers, scope["headers"])
        extra: tuple[tuple[bytes, bytes], ...] = ()
        if key is None:
            record = await assess(application, by=actor, channel="api")
        else:
            once = await assess_once(application, key=key, by=actor, channel="api")
            record, extra = once.record, (REPLAYED,) if once.again else ()
        facts = facts_of_decision(record, caller_request_id(headers), actor)
        observe(scope, **facts)
        body = json_bytes(
            decision_response(record, by=actor, processing_time_ms=(perf_counter() - started) * 1000)
        )
        await _send(send, 200, body, (b"x-request-id", facts["request_id"].encode()), *extra)

    return predict


async def _other_method(scope: Scope, send: Send) -> None:
    if scope["method"] != "OPTIONS":  # type: ignore[typeddict-item] # as above
        raise MethodNotAllowedException(headers={"Allow": _ALLOWED})
    await _send(send, 204, b"", (b"allow", _ALLOWED.encode()))


async def _send(send: Send, status: int, body: bytes, *further: tuple[bytes, bytes]) -> None:
    headers = [*_HEADERS, (b"content-length", str(len(body)).encode()), *further]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body, "more_body": False})
