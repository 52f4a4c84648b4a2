"""Lists in pages: the parameters `limit` and `cursor`, and the header `Link` to the next page."""

from typing import Any
from urllib.parse import urlencode

from litestar import Request
from litestar.datastructures import ResponseHeader
from litestar.params import QueryParameter

from application.use_cases.decisions.read_decisions import MAX_PAGE_SIZE
from entrypoints.api.http.query import query_pairs, text

__all__ = ("CURSOR", "DEFAULT_LIMIT", "LIMIT", "LINK", "MAX_PAGE_SIZE", "link_to_next")

DEFAULT_LIMIT = 50
LIMIT = QueryParameter(description=f"a whole number from 1 to {MAX_PAGE_SIZE}", ge=1, le=MAX_PAGE_SIZE)
CURSOR = text("next_cursor of the previous page, with the same filters")
LINK = ResponseHeader(
    name="Link", documentation_only=True, description='The next page, as rel="next"; absent on the last page.'
)


def link_to_next(request: Request[Any, Any, Any], cursor: object) -> dict[str, str]:
    """The header that leads to the next page with the same filters; empty on the last page."""
    if cursor is None:
        return {}
    kept = [(name, value) for name, value in query_pairs(request) if name != "cursor"]
    return {"Link": f'<{request.scope["path"]}?{urlencode([*kept, ("cursor", str(cursor))])}>; rel="next"'}
