"""Sums over loans by the month of booking."""

from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from domain.month import Month
from domain.outcomes.vintages import VintageSums

MOST_NAMES = 50
"""The largest number of sources, products and grades each that are named."""


@dataclass(frozen=True, slots=True)
class VintageFilter:
    """Criteria for loans; None means any. `source` is the caller's, `product` a name, `grade` the decision's."""

    source: str | None = None
    product: str | None = None
    grade: str | None = None


ANY_LOAN = VintageFilter()


@dataclass(frozen=True, slots=True)
class VintageNames:
    """The sources, products and grades of loans, in order, at most MOST_NAMES of each."""

    sources: tuple[str, ...] = ()
    products: tuple[str, ...] = ()
    grades: tuple[str, ...] = ()


class Vintages(Protocol):
    """Sums over loans; raises DependencyUnavailable if the storage does not answer."""

    @abstractmethod
    async def sums(self, wanted: VintageFilter, *, since: Month, synthetic: bool) -> Sequence[VintageSums]:
        """The sums of each month from `since` on in which a loan that matches was booked, in order.

        Either over synthetic loans only, or over all others.
        """

    @abstractmethod
    async def names(self, *, since: Month) -> VintageNames:
        """What the loans booked from this month on can be filtered by."""
