"""Loans summed by the month of booking in PostgreSQL."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Date, TextClause, bindparam, text
from sqlalchemy.ext.asyncio import AsyncEngine

from adapters.persistence.database.connections import transaction
from adapters.persistence.database.texts import storable
from application.ports.outcomes.vintages import MOST_NAMES, VintageFilter, VintageNames, Vintages
from domain.applications.synthetic import SYNTHETIC_SOURCE
from domain.month import Month
from domain.outcomes.label import MONTHS_TO_MATURITY
from domain.outcomes.vintages import VintageSums

_CONDITIONS: Mapping[str, str] = {
    "source": "AND source = :source",
    "product": "AND product = :product",
    "grade": "AND grade = :grade",
}
_KNOWN = f"""(
    defaulted_on IS NOT NULL OR closed_on IS NOT NULL
    OR status_on >= booked_on + interval '{MONTHS_TO_MATURITY} months'
)"""
"""Whether the label is known, as `domain.outcomes.label` says it of one loan."""
_SUMS = f"""
SELECT date_trunc('month', booked_on)::date AS month, count(*) AS loans,
    count(*) FILTER (WHERE {_KNOWN}) AS mature, count(defaulted_on) AS defaults,
    sum(pd) AS pd, coalesce(sum(pd) FILTER (WHERE {_KNOWN}), 0) AS mature_pd
FROM loans WHERE booked_on >= :since AND (source IS NOT DISTINCT FROM :synthetic) = :wanted {{}}
GROUP BY 1 ORDER BY 1
"""  # noqa: S608 - constants of our own
_NAMES = """
SELECT 'sources' AS kind, name FROM (
    SELECT DISTINCT source AS name FROM loans WHERE booked_on >= :since AND source IS NOT NULL
    ORDER BY 1 LIMIT :most
) AS sources
UNION ALL SELECT 'products', name FROM (
    SELECT DISTINCT product AS name FROM loans WHERE booked_on >= :since ORDER BY 1 LIMIT :most
) AS products
UNION ALL SELECT 'grades', name FROM (
    SELECT DISTINCT grade AS name FROM loans WHERE booked_on >= :since ORDER BY 1 LIMIT :most
) AS grades
"""


def _statement(sql: str) -> TextClause:
    return text(sql).bindparams(bindparam("since", type_=Date()))


class PostgresVintages(Vintages):
    """Reads the loans of the wanted months once."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def sums(self, wanted: VintageFilter, *, since: Month, synthetic: bool) -> Sequence[VintageSums]:
        given = {name: getattr(wanted, name) for name in _CONDITIONS}
        values: dict[str, Any] = {name: storable(value) for name, value in given.items() if value is not None}
        conditions = " ".join(_CONDITIONS[name] for name in values)
        values |= {"since": since.first_day, "synthetic": SYNTHETIC_SOURCE, "wanted": synthetic}
        async with transaction(self._engine) as connection:
            rows = (await connection.execute(_statement(_SUMS.format(conditions)), values)).all()
        return [
            VintageSums(
                Month(row.month.year, row.month.month), row.loans, row.mature, row.defaults, row.pd, row.mature_pd
            )
            for row in rows
        ]

    async def names(self, *, since: Month) -> VintageNames:
        found: dict[str, list[str]] = {"sources": [], "products": [], "grades": []}
        values = {"since": since.first_day, "most": MOST_NAMES}
        async with transaction(self._engine) as connection:
            for row in await connection.execute(_statement(_NAMES), values):
                found[row.kind].append(row.name)
        return VintageNames(**{kind: tuple(sorted(names)) for kind, names in found.items()})
