"""The overview: figures on the decisions of a period."""

from typing import Annotated, Any

from litestar import Request
from litestar.di import NamedDependency

from application.catalog import UseCases
from domain.access.user import Actor
from domain.monitoring.period import MAX_PERIOD
from entrypoints.api.http.declarations import read, secured_problems
from entrypoints.api.http.query import Moment, check_query, in_utc, moment
from entrypoints.api.monitoring.presenters import overview_response
from entrypoints.api.monitoring.schemas import OverviewResponse


@read("/api/v1/overview", responses=secured_problems())
async def read_overview(
    request: Request[Any, Any, Any],
    use_cases: NamedDependency[UseCases],
    caller: NamedDependency[Actor],
    start: Annotated[Moment, moment("inclusive", name="from")],
    end: Annotated[
        Moment | None, moment(f"exclusive, at most {MAX_PERIOD.days} days after from; now by default", name="to")
    ] = None,
) -> OverviewResponse:
    """Summarize the decisions of a period."""
    check_query(request)
    overview = await use_cases.read_overview(start.utc, in_utc(end), by=caller)
    policies = await use_cases.find_deciding_policies(overview.overview)
    return overview_response(overview, use_cases.read_policy_in_force(), policies)
