"""The API as an ASGI application, over the use cases."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any, cast

from litestar import Litestar, Request
from litestar.datastructures import State
from litestar.di import Provide
from litestar.exceptions import NotFoundException
from litestar.types import ASGIApp, ControllerRouterHandler
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from application.catalog import UseCases
from domain.access.user import Actor
from entrypoints.api.access.passwords import change_password
from entrypoints.api.access.tokens import issue_token
from entrypoints.api.batches.routes import BATCH_ROUTES
from entrypoints.api.batches.webhooks import WEBHOOK_ROUTES
from entrypoints.api.decisions.predictions import bypass_routing, prediction_handler, prediction_route
from entrypoints.api.decisions.routes import find_counterfactual, list_decisions, read_decision, reproduce_decision
from entrypoints.api.fast_path.decision_protocol import FAST_PATH
from entrypoints.api.fast_path.fast_path import FastPath, RequestObserver
from entrypoints.api.http.authentication import authenticate
from entrypoints.api.http.draining import Drain
from entrypoints.api.http.error_handlers import handle_exception
from entrypoints.api.monitoring.routes import read_overview
from entrypoints.api.openapi.documentation import schema_routes
from entrypoints.api.operations.health import live_route, ready_route
from entrypoints.http.canonical_paths import canonical_paths_only

Middleware = Callable[[ASGIApp], ASGIApp]
Hook = Callable[[], Awaitable[None] | None]


def create_app(
    use_cases: UseCases,
    *,
    version: str,
    middleware: Sequence[Middleware] = (),
    notice: float = 0.0,
    trusted_proxies: Sequence[str] = (),
    request_log: RequestObserver | None = None,
    on_startup: Sequence[Hook] = (),
    on_shutdown: Sequence[Hook] = (),
) -> Litestar:
    """The application.

    `middleware` wraps everything, the first outermost: it sees unknown routes and failures too, each with the
    status the caller gets, and finds what was observed as `entrypoints.api.http.request_facts` describes. Asked to
    stop, it says so at /health/ready for `notice` seconds before it stops.
    Whoever `trusted_proxies` (addresses, networks) say they forward for is the client. Where `answered` is told of
    them, the server may take requests straight (`decision_protocol`): then `middleware` does not see them.
    The hooks run when the server starts and stops.
    """
    leaving = Drain(notice)

    async def caller(request: Request[Any, Any, Any]) -> Actor:
        return await authenticate(use_cases.identify_caller.current, request.scope, dict(request.scope["headers"]))

    predict = prediction_handler(use_cases.assess, use_cases.assess_once, use_cases.identify_caller.current)

    def fast_path(request_log: RequestObserver) -> FastPath:
        return FastPath(use_cases.assess_many, use_cases.identify_caller, request_log)

    handlers: list[ControllerRouterHandler] = [
        prediction_route(predict),
        read_decision,
        reproduce_decision,
        find_counterfactual,
        list_decisions,
        read_overview,
        *BATCH_ROUTES,
        *WEBHOOK_ROUTES,
        issue_token,
        change_password,
        live_route(version),
        ready_route(lambda: leaving.announced),
        *schema_routes(version),
    ]
    app = Litestar(
        handlers,
        dependencies={
            "use_cases": Provide(lambda: use_cases, sync_to_thread=False),
            "caller": Provide(caller),
        },
        exception_handlers={Exception: handle_exception},
        on_startup=[*on_startup, leaving.open],
        on_shutdown=list(on_shutdown),
        state=State({} if request_log is None else {FAST_PATH: fast_path(request_log)}),
        openapi_config=None,  # written by hand in `documentation`: it must know the route that speaks ASGI itself
        logging_config=None,
    )

    def seen_through(inner: ASGIApp) -> ASGIApp:
        return _seen_through(trusted_proxies, inner) if trusted_proxies else inner

    # A decision does not ask where a request came from; a refusal is recorded with it.
    routed = bypass_routing(predict, seen_through(app.asgi_handler), wrap_errors=seen_through)
    app.asgi_handler = canonical_paths_only(routed, _no_such_path)
    for wrap in reversed(middleware):
        app.asgi_handler = wrap(app.asgi_handler)
    return app


async def _no_such_path(scope: Any, receive: Any, send: Any) -> None:
    request = Request[Any, Any, Any](scope, receive, send)
    await handle_exception(request, NotFoundException()).to_asgi_response(None, request)(scope, receive, send)


def _seen_through(proxies: Sequence[str], app: ASGIApp) -> ASGIApp:
    return cast(ASGIApp, ProxyHeadersMiddleware(cast(Any, app), trusted_hosts=list(proxies)))
