"""Read expected and observed default by the month in which loans were booked."""

from dataclasses import dataclass
from datetime import date, datetime

from application.ports.operations.clock import Clock
from application.ports.outcomes.vintages import ANY_LOAN, VintageFilter, VintageNames, Vintages
from domain.access.user import Actor, Permission
from domain.applications.application_identity import ApplicationIdentity
from domain.applications.synthetic import is_synthetic
from domain.month import Month
from domain.outcomes.vintages import VintageFigures, vintage_figures

MOST_MONTHS = 120
USUAL_MONTHS = 36


class InvalidMonths(ValueError):
    """The number of months is not from 1 to MOST_MONTHS."""


@dataclass(frozen=True, slots=True)
class VintageReport:
    """The vintages of the last `months` as of a time, and what they can be filtered by.

    All loans in them are `synthetic`, or none is.
    """

    figures: VintageFigures
    wanted: VintageFilter
    names: VintageNames
    months: int
    synthetic: bool
    as_of: datetime


@dataclass(frozen=True, slots=True)
class ReadVintages:
    """Reads the figures of loans. All users who may read them see the same."""

    vintages: Vintages
    clock: Clock

    async def __call__(
        self, wanted: VintageFilter = ANY_LOAN, *, by: Actor, months: int = USUAL_MONTHS
    ) -> VintageReport:
        """The months up to this one in UTC. Raises PermissionDenied and InvalidMonths.

        Synthetic loans are counted where their source is wanted, or where there are no others.
        """
        by.require(Permission.READ_PERFORMANCE)
        if not 1 <= months <= MOST_MONTHS:
            raise InvalidMonths(f"months must be from 1 to {MOST_MONTHS}, not {months}")
        now = self.clock.now()
        since = Month.of(now).later(1 - months)
        synthetic = is_synthetic(ApplicationIdentity(source=wanted.source))
        found = await self.vintages.sums(wanted, since=since, synthetic=synthetic)
        if not found and wanted.source is None:
            found = await self.vintages.sums(wanted, since=since, synthetic=True)
            synthetic = bool(found)
        figures = vintage_figures(found, _day_of(now))
        return VintageReport(figures, wanted, await self.vintages.names(since=since), months, synthetic, now)


def _day_of(now: datetime) -> date:
    """The day in UTC, by which months are counted."""
    return now.date()
