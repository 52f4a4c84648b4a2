"""The API as an ASGI application over the use cases."""

from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import Any, cast

from litestar import Litestar, Request
from litestar.datastructures import State
from litestar.di import Provide
from litestar.exceptions import NotFoundException
from litestar.types import ASGIApp
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from application.catalog import UseCases
from entrypoints.api.decisions.decoding import ApplicationDecoder
from entrypoints.api.decisions.predictions import bypass_routing, prediction_handler, prediction_route
from entrypoints.api.documentation.routes import documentation_routes
from entrypoints.api.error_handlers import handle_exception
from entrypoints.api.fast_path.decision_protocol import FAST_PATH
from entrypoints.api.fast_path.fast_path import FastPath, RequestObserver
from entrypoints.api.http.authentication import IdentifyNow
from entrypoints.api.http.draining import Drain
from entrypoints.api.http.query import TYPE_DECODERS
from entrypoints.api.http.responses import add_private_headers
from entrypoints.api.routes import openapi_document, routers
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
    root_path: str = "",
    request_log: RequestObserver | None = None,
    authenticate: IdentifyNow | None = None,
    on_startup: Sequence[Hook] = (),
    on_shutdown: Sequence[Hook] = (),
) -> Litestar:
    """The application.

    `middleware` wraps everything, the first outermost: it also sees unknown routes and failures, each with the
    status that the caller gets, and reads the facts described in `entrypoints.api.http.request_facts`. When it is
    asked to stop, the application drains for `notice` seconds. `trusted_proxies` (addresses, networks) may name
    the client in X-Forwarded-For. The OpenAPI document names `root_path`, under which a proxy serves the API.
    With `request_log`, which then records them, the server may answer requests on
    the fast path (`decision_protocol`), which `middleware` does not see. `authenticate` replaces the use case that
    identifies callers outside the fast path. The hooks run when the server starts and stops.
    """
    drain = Drain(notice)
    identify = authenticate or use_cases.identify_caller.current
    product = use_cases.read_product_in_force()
    read_application = ApplicationDecoder(product)
    predict = prediction_handler(use_cases.assess_once, use_cases.supersede, identify, read_application, product)
    state: dict[str, Any] = {"identify_caller": identify}
    if request_log is not None:
        state[FAST_PATH] = FastPath(
            use_cases.assess_many, use_cases.identify_caller, request_log, read_application, product
        )
    app = Litestar(
        [
            prediction_route(predict),
            *routers(),
            *documentation_routes(partial(openapi_document, version, product, root_path)),
        ],
        dependencies={
            "use_cases": Provide(lambda: use_cases, sync_to_thread=False),
            "drain": Provide(lambda: drain, sync_to_thread=False),
            "version": Provide(lambda: version, sync_to_thread=False),
        },
        exception_handlers={Exception: handle_exception},
        after_request=add_private_headers,
        on_startup=[*on_startup, drain.install],
        on_shutdown=list(on_shutdown),
        state=State(state),
        type_decoders=TYPE_DECODERS,
        openapi_config=None,  # `openapi_document` includes a route that Litestar does not know
        logging_config=None,
    )

    def with_client_address(inner: ASGIApp) -> ASGIApp:
        return _with_client_address(trusted_proxies, inner) if trusted_proxies else inner

    # A decision does not need the client's address; a rejection is recorded with it.
    routed = bypass_routing(predict, with_client_address(app.asgi_handler), wrap_errors=with_client_address)
    app.asgi_handler = canonical_paths_only(routed, _not_found)
    for wrap in reversed(middleware):
        app.asgi_handler = wrap(app.asgi_handler)
    return app


async def _not_found(scope: Any, receive: Any, send: Any) -> None:
    request = Request[Any, Any, Any](scope, receive, send)
    response = handle_exception(request, NotFoundException())
    await response.to_asgi_response(None, request)(scope, receive, send)


def _with_client_address(proxies: Sequence[str], app: ASGIApp) -> ASGIApp:
    return cast(ASGIApp, ProxyHeadersMiddleware(cast(Any, app), trusted_hosts=list(proxies)))
