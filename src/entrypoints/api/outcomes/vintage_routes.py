"""Expected and observed default by the month in which loans were booked."""

from datetime import date
from typing import Annotated, Any

from litestar import Request
from litestar.di import NamedDependency
from litestar.params import QueryParameter
from msgspec import Meta, Struct

from application.catalog import UseCases
from application.ports.outcomes.vintages import VintageFilter
from application.use_cases.outcomes.read_vintages import MOST_MONTHS, USUAL_MONTHS, VintageReport
from domain.access.user import Actor
from domain.outcomes.vintages import Vintage
from entrypoints.api.http.declarations import read, secured_problems
from entrypoints.api.http.query import check_query, text
from entrypoints.api.http.responses import Timestamp

_Share = Annotated[float | None, Meta(description="A share from 0 to 1; null without loans.")]


class VintageResponse(Struct, frozen=True):
    """The loans booked in a month."""

    month: Annotated[date, Meta(description="The first day of the month; of the last one in `total`.")]
    loans: int
    mature: Annotated[int, Meta(description="Loans whose label is known.")]
    immature: Annotated[int, Meta(description="Loans whose label is not known yet.")]
    defaults: Annotated[int, Meta(description="Loans that defaulted.")]
    complete: Annotated[
        bool,
        Meta(
            description="Whether every loan of the month is 12 months on book. Otherwise more can still default."
        ),
    ]
    expected: Annotated[
        _Share,
        Meta(description="Mean probability of default: of mature loans in a complete month, otherwise of all."),
    ]
    observed: Annotated[
        _Share, Meta(description="Defaults among mature loans in a complete month, otherwise so far among all.")
    ]
    observed_low: Annotated[_Share, Meta(description="Lower end of the 95 % interval of `observed` (Wilson).")]
    observed_high: Annotated[_Share, Meta(description="Upper end of the 95 % interval of `observed` (Wilson).")]


class VintagesResponse(Struct, frozen=True):
    """Expected and observed default by month of booking, the oldest month first."""

    as_of: Timestamp
    months: Annotated[int, Meta(description="The number of months up to this one that were looked at.")]
    synthetic: Annotated[bool, Meta(description="Whether all these loans were made up by `scoring demo`.")]
    total: Annotated[VintageResponse | None, Meta(description="All complete months; null without any.")]
    vintages: Annotated[list[VintageResponse], Meta(description="Months in which a loan was booked.")]


@read("/api/v1/outcomes/vintages", responses=secured_problems())
async def read_vintages(
    *,
    request: Request[Any, Any, Any],
    use_cases: NamedDependency[UseCases],
    caller: NamedDependency[Actor],
    source: Annotated[str | None, text("the caller's source")] = None,
    product: Annotated[str | None, text("the name of the product")] = None,
    grade: Annotated[str | None, text("the grade that the system gave")] = None,
    months: Annotated[
        int, QueryParameter(description=f"how many months up to this one: 1 to {MOST_MONTHS}")
    ] = USUAL_MONTHS,
) -> VintagesResponse:
    """Compare expected with observed default.

    The loans with outcomes by the month in which they were booked. Loans of `scoring demo` are never counted with
    others: only if their source is asked for, or if there are no others.
    """
    check_query(request)
    wanted = VintageFilter(source, product, grade)
    return _response(await use_cases.outcomes.read_vintages(wanted, by=caller, months=months))


def _response(report: VintageReport) -> VintagesResponse:
    total = report.figures.total
    return VintagesResponse(
        as_of=report.as_of,
        months=report.months,
        synthetic=report.synthetic,
        total=None if total is None else _vintage(total),
        vintages=[_vintage(each) for each in report.figures.vintages],
    )


def _vintage(vintage: Vintage) -> VintageResponse:
    low, high = vintage.interval or (None, None)
    return VintageResponse(
        month=vintage.month.first_day,
        loans=vintage.loans,
        mature=vintage.mature,
        immature=vintage.immature,
        defaults=vintage.defaults,
        complete=vintage.complete,
        expected=vintage.expected,
        observed=vintage.observed,
        observed_low=low,
        observed_high=high,
    )
