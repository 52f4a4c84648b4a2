"""GET /api/v1/overview: what the decisions of a period come to."""

from typing import Any

from litestar import Request, Response, route
from litestar.di import NamedDependency

from application.catalog import UseCases
from domain.access.user import Actor
from domain.monitoring.period import LONGEST
from entrypoints.api.decisions.decision_query import (
    MOMENT,
    MOMENT_SCHEMA,
    Parameter,
    invalid_query,
    moment_of,
    read_parameters,
)
from entrypoints.api.http.problems import FieldError
from entrypoints.api.http.responses import READING, reply
from entrypoints.api.monitoring.schemas import overview_response

PATH = "/api/v1/overview"
FROM = Parameter("from", moment_of, f"{MOMENT}; inclusive", MOMENT_SCHEMA)
TO = Parameter(
    "to",
    moment_of,
    f"{MOMENT}; exclusive, at most {LONGEST.days} days after from; now, where it is left out or still to come",
    MOMENT_SCHEMA,
)
PARAMETERS = (FROM, TO)


@route(PATH, http_method=READING)
async def read_overview(
    request: Request[Any, Any, Any], use_cases: NamedDependency[UseCases], caller: NamedDependency[Actor]
) -> Response[bytes]:
    """The figures of a period."""
    read, _ = read_parameters(request.scope["query_string"], PARAMETERS)
    if FROM.name not in read:
        raise invalid_query([FieldError(FROM.name, "is missing", FROM.allowed)])
    dated = await use_cases.read_overview(read[FROM.name], read.get(TO.name), by=caller)
    return reply(overview_response(dated, use_cases.read_policy_in_force()))
