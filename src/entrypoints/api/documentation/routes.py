"""The OpenAPI document at /schema, and the page that shows it at /docs, without anything from other servers."""

from collections.abc import Callable
from functools import cache
from importlib.resources import files
from typing import Any

from litestar import Response
from litestar.exceptions import NotFoundException
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath
from litestar.response import Redirect

from entrypoints.api.http.declarations import read
from entrypoints.api.http.responses import SAFE, json_bytes

OPENAPI = "application/vnd.oai.openapi+json;version=3.1"
_ASSETS = {
    "swagger-ui.css": "text/css",
    "swagger-ui-bundle.js": "text/javascript",
    "start.js": "text/javascript",
}
_PAGE = {
    **SAFE,
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; "
    "img-src data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "Cache-Control": "max-age=3600",
}


def documentation_routes(document: Callable[[], dict[str, Any]]) -> list[HTTPRouteHandler]:
    """The routes; the document is made when it is first read, because that takes a tenth of a second."""
    encoded = cache(lambda: json_bytes(document()))

    @read(["/schema", "/schema/openapi.json"], sync_to_thread=False)
    def schema() -> Response[bytes]:
        return Response(encoded(), media_type=OPENAPI, headers=dict(SAFE))

    return [schema, home, page, asset]


@read("/", sync_to_thread=False)
def home() -> Redirect:
    """Lead to the documentation."""
    return Redirect("/docs", status_code=307)


@read("/docs", sync_to_thread=False)
def page() -> Response[bytes]:
    """The page, Swagger UI."""
    return Response(_file("index.html"), media_type="text/html", headers=_PAGE)


@read("/docs/{name:str}", sync_to_thread=False)
def asset(name: FromPath[str]) -> Response[bytes]:
    """A script or a style sheet of the page."""
    if name not in _ASSETS:
        raise NotFoundException
    return Response(_file(name), media_type=_ASSETS[name], headers=_PAGE)


@cache
def _file(name: str) -> bytes:
    return (files(__package__) / "static" / name).read_bytes()
