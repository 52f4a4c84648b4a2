"""Override figures: how people's decisions differ from the system's."""

from typing import Annotated, Any

from litestar import Request
from litestar.di import NamedDependency
from litestar.params import QueryParameter

from application.catalog import UseCases
from application.ports.cases.override_records import OverrideFilter
from application.use_cases.cases.read_overrides import Overrides
from domain.access.user import Actor
from domain.cases.override import OverrideType
from domain.cases.override_figures import OverrideGroup
from domain.monitoring.period import MAX_PERIOD
from domain.monitoring.share import Share
from entrypoints.api.cases.override_schemas import (
    DwellSeconds,
    FinalDecisionInList,
    OverrideGroupResponse,
    OverridesResponse,
    Rate,
)
from entrypoints.api.http.declarations import read, secured_problems
from entrypoints.api.http.query import Moment, check_query, in_utc, moment, text


@read("/api/v1/overrides", responses=secured_problems())
async def read_overrides(
    *,
    request: Request[Any, Any, Any],
    use_cases: NamedDependency[UseCases],
    caller: NamedDependency[Actor],
    start: Annotated[Moment, moment("inclusive", name="from")],
    end: Annotated[
        Moment | None, moment(f"exclusive, at most {MAX_PERIOD.days} days after from; now by default", name="to")
    ] = None,
    officer: Annotated[str | None, text("the name of the person who resolved the cases")] = None,
    reason: Annotated[str | None, text("the code of the reason that was given")] = None,
    override: Annotated[
        OverrideType | None,
        QueryParameter(description="one of " + ", ".join(each.value for each in OverrideType)),
    ] = None,
    grade: Annotated[str | None, text("the grade that the system gave")] = None,
    purpose: Annotated[str | None, text("the purpose of the loan")] = None,
    source: Annotated[str | None, text("the caller's source")] = None,
) -> OverridesResponse:
    """Compare people's decisions with the system's.

    The final decisions that people made in the period and that match every filter, by officer, reason and segment.
    """
    check_query(request)
    wanted = OverrideFilter(officer, reason, override, grade, purpose, source)
    return _response(await use_cases.read_overrides(start.utc, in_utc(end), by=caller, wanted=wanted))


def _response(found: Overrides) -> OverridesResponse:
    figures, events = found.figures, found.figures.events
    return OverridesResponse(
        as_of=found.as_of,
        start=figures.period.start,
        end=figures.period.end,
        total=_group(figures.total),
        officers=[_group(each) for each in figures.officers],
        reasons=[_group(each) for each in figures.reasons],
        grades=[_group(each) for each in figures.segments["grade"]],
        purposes=[_group(each) for each in figures.segments["purpose"]],
        sources=[_group(each) for each in figures.segments["source"]],
        second_approvals=figures.second_approvals,
        second_approvals_refused=events.second_approvals_refused,
        breaches=events.breaches,
        own_views_agreed=_rate(figures.own_views_agreed),
        quality_disagreed=_rate(events.quality_disagreed),
        dwell_seconds=DwellSeconds(events.dwell.median, events.dwell.ninetieth_percentile),
        newest=[
            FinalDecisionInList(
                each.decision_id,
                each.case_id,
                each.decided_at,
                each.system_outcome.value,
                each.outcome.value,
                each.override.value,
                each.reason,
                each.officer,
                each.checker,
                each.grade,
            )
            for each in found.newest
        ],
    )


def _group(group: OverrideGroup) -> OverrideGroupResponse:
    return OverrideGroupResponse(
        name=group.name,
        decisions=group.decisions,
        **{each.value: group.counts.get(each, 0) for each in OverrideType},
        counter_offers=group.counter_offers,
        overrides=_rate(group.overrides),
    )


def _rate(share: Share) -> Rate:
    low, high = share.interval or (None, None)
    return Rate(share.count, share.total, share.rate, low, high)
