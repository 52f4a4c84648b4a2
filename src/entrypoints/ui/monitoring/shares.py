"""Shares of the decisions of a period, next to those of the period before."""

from dataclasses import dataclass

from domain.monitoring.overview import Overview
from entrypoints.ui.monitoring.comparison import share_before
from entrypoints.ui.monitoring.drill_down import DrillDown
from entrypoints.ui.shared import labels
from entrypoints.ui.shared.formats import number, percent


@dataclass(frozen=True, slots=True)
class Share:
    """A share of all decisions: `length` is percent of the bar, `style` its color.

    `before` states the share in the period before, `href` leads to the decisions.
    """

    label: str
    count: str
    share: str
    length: float
    style: str = ""
    before: str = ""
    href: str = ""


@dataclass(frozen=True, slots=True)
class Shares:
    """Makes shares of all decisions of a period, next to those of the period before."""

    overview: Overview
    before: Overview | None

    def of(
        self,
        label: str,
        count: int,
        former: int | None,
        *,
        style: str = "",
        href: str = "",
        most: int | None = None,
    ) -> Share:
        """The share; its bar is as long as the share, or as the part of `most`."""
        total = self.overview.outcomes.total
        share = count / total if total else 0.0
        length = share if most is None else count / most
        former_text, address = self._former(share, former), href if count else ""
        return Share(label, number(count, 0), percent(share), round(100 * length, 2), style, former_text, address)

    def _former(self, share: float, former: int | None) -> str:
        if self.before is None or former is None:
            return ""
        return share_before(share, former / self.before.outcomes.total)


def final_outcome_shares(
    overview: Overview, before: Overview | None, lead: DrillDown, shares: Shares
) -> tuple[Share, ...]:
    """The final outcomes; none if no person decided."""
    final, former = overview.final_outcomes, before.final_outcomes if before else None
    if not final.by_people:
        return ()
    titles = {each.value: label for each, label in labels.FINAL_OUTCOMES.items()} | {
        "undecided": "Not decided yet"
    }
    return tuple(
        shares.of(
            titles[name],
            getattr(final, name),
            None if former is None else getattr(former, name),
            style=name,
            href=lead.to(final=name),
        )
        for name in ("approved", "counter_offer", "declined", "undecided")
    )
