"""The overview: figures on the decisions of a period."""

from typing import Annotated, Any

from litestar import Request
from litestar.di import NamedDependency
from litestar.params import QueryParameter

from application.catalog import UseCases
from domain.access.user import Actor
from domain.monitoring.overview_filter import OverviewFilter
from domain.monitoring.period import MAX_PERIOD
from entrypoints.api.http.declarations import read, secured_problems
from entrypoints.api.http.query import Moment, check_query, in_utc, moment, text
from entrypoints.api.monitoring.presenters import overview_response
from entrypoints.api.monitoring.schemas import OverviewResponse


@read("/api/v1/overview", responses=secured_problems())
async def read_overview(
    *,
    request: Request[Any, Any, Any],
    use_cases: NamedDependency[UseCases],
    caller: NamedDependency[Actor],
    start: Annotated[Moment, moment("inclusive", name="from")],
    end: Annotated[
        Moment | None, moment(f"exclusive, at most {MAX_PERIOD.days} days after from; now by default", name="to")
    ] = None,
    channel: Annotated[str | None, text("the caller's channel")] = None,
    received_through: Annotated[str | None, text("how the applications arrived: api, web, file or batch")] = None,
    source: Annotated[str | None, text("the caller's source")] = None,
    grade: Annotated[str | None, text("the grade")] = None,
    include_trials: Annotated[
        bool, QueryParameter(description="true or false: whether to count decisions of trial runs")
    ] = False,
    compare: Annotated[
        bool, QueryParameter(description="true or false: whether to add the figures of the period before")
    ] = False,
) -> OverviewResponse:
    """Summarize the decisions of a period.

    Decisions that match every filter. The period before has the same length and filters, and is earlier
    by as many whole days as the period takes.
    """
    check_query(request)
    wanted = OverviewFilter(channel, received_through, source, grade, include_trials)
    overview = await use_cases.read_overview(start.utc, in_utc(end), by=caller, wanted=wanted, compare=compare)
    policies = await use_cases.find_deciding_policies(overview.overview)
    return overview_response(overview, use_cases.read_policy_in_force(), policies)
