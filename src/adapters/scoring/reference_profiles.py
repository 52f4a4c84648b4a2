"""The reference profile for reasons: average contributions of applicants who are just approved.

Regulation B's comment 9(b)(2)-5 names the average of applicants at or just above the cut-off as a permissible
basis of comparison. Here these are the riskiest share of the loans with a PD below the approval cut-off. A bundle
carries their sums by narrow bands of PD, so that the profile can be computed for the cut-off of any policy.
"""

from abc import abstractmethod
from collections.abc import Sequence
from math import fsum
from typing import Protocol

from adapters.scoring.fixed_point import Floats

BANDS = 1_000
"""Bands of equal width from PD 0 to 1, each a tenth of a percentage point."""
MARGINAL_SHARE = 0.15
"""The share of approved applicants, next to the cut-off, that is averaged."""


class ReferenceProfiles(Protocol):
    """The reference profile for each approval cut-off, in log-odds, one number per characteristic."""

    @abstractmethod
    def for_cut_off(self, approve_below: float) -> tuple[float, ...]:
        """The profile for a policy that approves below this PD; the same bits on any machine."""


class FixedReferenceProfile(ReferenceProfiles):
    """The one profile of a bundle of layout 1, for the policy that its manifest names."""

    def __init__(self, profile: Sequence[float]) -> None:
        self._profile = tuple(profile)

    def for_cut_off(self, approve_below: float) -> tuple[float, ...]:  # noqa: ARG002 - one profile for all
        return self._profile


class BandedReferenceProfiles(ReferenceProfiles):
    """Profiles from the sums by band (bands, 1 + characteristics): of weights, and of weighted contributions.

    Loans are taken as spread evenly within a band, which matters where the cut-off or the edge of the marginal
    share is inside one.
    """

    def __init__(self, bands: Floats) -> None:
        self._bands: list[list[float]] = bands.tolist()
        self._profiles: dict[float, tuple[float, ...]] = {}

    def for_cut_off(self, approve_below: float) -> tuple[float, ...]:
        profile = self._profiles.get(approve_below)
        if profile is None:
            profile = self._profiles[approve_below] = self._profile(approve_below)
        return profile

    def _profile(self, approve_below: float) -> tuple[float, ...]:
        shares = self._marginal_shares(self._passing_shares(approve_below))
        rows = [(share, row) for share, row in zip(shares, self._bands, strict=True) if share]
        weight, *contributions = (
            fsum(share * row[column] for share, row in rows) for column in range(len(self._bands[0]))
        )
        return tuple(contribution / weight for contribution in contributions)

    def _passing_shares(self, approve_below: float) -> list[float]:
        """The share of each band that passes; all of every band if no loan does."""
        cut_off = round(approve_below * BANDS, 9)  # else 0.14 * 1000 is above 140
        shares = [min(max(cut_off - band, 0.0), 1.0) for band in range(BANDS)]
        passes = any(share * row[0] for share, row in zip(shares, self._bands, strict=True))
        return shares if passes else [1.0] * BANDS

    def _marginal_shares(self, passing: Sequence[float]) -> list[float]:
        """The share of each band that is among the riskiest of those that pass."""
        weights = [share * row[0] for share, row in zip(passing, self._bands, strict=True)]
        missing = MARGINAL_SHARE * fsum(weights)
        shares = [0.0] * BANDS
        for band in reversed(range(BANDS)):
            if weights[band]:
                part = min(missing / weights[band], 1.0)
                shares[band] = passing[band] * part
                missing -= part * weights[band]
            if missing <= 0.0:
                break
        return shares
