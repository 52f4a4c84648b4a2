"""Decisions on a block of rows as columns."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Self

import numpy as np
from numpy.typing import NDArray

from adapters.scoring.bundles.bundle import ModelBundle
from adapters.scoring.fixed_point import UNIT, Floats
from adapters.scoring.portfolio.portfolio_columns import Cents
from adapters.scoring.portfolio.portfolio_reasons import Keys, ReasonCatalog
from application.ports.models.credit_model import ModelVersion
from domain.policies.scoring_policy import ScoringPolicy

Integers = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class DecisionBasis:
    """What all rows share: the policy, the model, and the base of its contributions in log-odds."""

    policy: ScoringPolicy
    catalog: ReasonCatalog
    model: ModelVersion
    base: float

    @classmethod
    def of(cls, bundle: ModelBundle, policy: ScoringPolicy) -> Self:
        model = ModelVersion(bundle.manifest.model_version, bundle.fingerprint)
        return cls(policy, ReasonCatalog(policy), model, bundle.manifest.base * UNIT)


@dataclass(frozen=True, slots=True, eq=False)
class DecidedBlock:
    """Columns (rows,); `contributions` and `out_of_domain` are (rows, characteristics).

    `outcome` is a severity, `stability` NaN if the policy does not state it, `confidence` an index of
    `CONFIDENCES`. `instalment` and `recommended` are cents, `failed` has one bit per rule, `rule_reasons` and
    `score_reasons` are keys of the catalog. `alternatives` are (rows, 4): amount in dollars (0 if none), term,
    index of the grade, and instalment in dollars.
    """

    log_odds: Floats
    pd: Floats
    pd_low: Floats
    pd_high: Floats
    half_width: Floats
    contributions: Floats
    out_of_domain: NDArray[np.bool_]
    outcome: Integers
    stability: Floats
    confidence: Integers
    default_predicted: NDArray[np.bool_]
    points: Floats
    grade_index: Integers
    instalment: Cents
    recommended: Cents
    failed: Keys
    rule_reasons: Keys
    score_reasons: Keys
    alternatives: Floats

    @classmethod
    def joined(cls, blocks: Sequence[Self]) -> Self:
        """The blocks concatenated."""
        if len(blocks) == 1:
            return blocks[0]
        return cls(*(np.concatenate([getattr(block, each.name) for block in blocks]) for each in fields(cls)))

    def replaced(self, rows: Sequence[int], block: Self) -> Self:
        """This block with the rows of another one in place of these rows."""
        columns = {each.name: getattr(self, each.name).copy() for each in fields(self)}
        for name, column in columns.items():
            column[list(rows)] = getattr(block, name)
        return type(self)(**columns)
