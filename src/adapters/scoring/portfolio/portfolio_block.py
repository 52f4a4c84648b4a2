"""What the domain said of a block of rows, by column, before anybody asks for it in another form."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Self

import numpy as np
from numpy.typing import NDArray

from adapters.scoring.bundles.bundle import ModelBundle
from adapters.scoring.fixed_point import UNIT, Floats
from adapters.scoring.portfolio.portfolio_columns import Cents
from adapters.scoring.portfolio.portfolio_reasons import Keys, ReasonCatalogue
from application.ports.models.credit_model import ModelVersion
from domain.policies.scoring_policy import ScoringPolicy

Whole = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class DecidedUnder:
    """What all rows have in common: the policy, the model, and the base of its contributions in log-odds."""

    policy: ScoringPolicy
    catalogue: ReasonCatalogue
    model: ModelVersion
    base: float

    @classmethod
    def of(cls, bundle: ModelBundle, policy: ScoringPolicy) -> Self:
        """What decisions by this bundle under this policy have in common."""
        model = ModelVersion(bundle.manifest.model_version, bundle.fingerprint)
        return cls(policy, ReasonCatalogue(policy), model, bundle.manifest.base * UNIT)


@dataclass(frozen=True, slots=True, eq=False)
class DecidedBlock:
    """Columns (rows,); `contributions` and `out_of_domain` are (rows, 12).

    `outcome` is a severity, `confidence` a code of `CONFIDENCES`, `instalment` and `recommended` are cents,
    `failed` has a bit a rule, `reasons` are keys of the catalogue.
    """

    log_odds: Floats
    pd: Floats
    pd_low: Floats
    pd_high: Floats
    contributions: Floats
    out_of_domain: NDArray[np.bool_]
    outcome: Whole
    confidence: Whole
    default_predicted: NDArray[np.bool_]
    points: Floats
    grade_index: Whole
    instalment: Cents
    recommended: Cents
    failed: Keys
    reasons: Keys

    @classmethod
    def joined(cls, blocks: Sequence[Self]) -> Self:
        """The blocks one behind the other."""
        if len(blocks) == 1:
            return blocks[0]
        return cls(*(np.concatenate([getattr(block, each.name) for block in blocks]) for each in fields(cls)))
