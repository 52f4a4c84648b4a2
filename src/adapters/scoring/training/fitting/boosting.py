"""Boosted trees: LightGBM with monotone constraints, deterministic for the same data and seed."""

from dataclasses import dataclass
from typing import Any

import lightgbm as lgb
import numpy as np

from adapters.scoring.fixed_point import Floats
from adapters.scoring.training.fitting.development_sample import DevelopmentSample
from domain.products.product_definition import ProductDefinition


@dataclass(frozen=True, slots=True)
class TreeSettings:
    """Settings of the trees; `docs/decisions/0004-champion-model.md` lists the alternatives tried."""

    trees: int = 200
    depth: int = 3
    learning_rate: float = 0.05
    least_loans_in_leaf: int = 100
    l2: float = 10.0
    row_share: float = 0.7
    column_share: float = 0.6

    def parameters(self, seed: int, product: ProductDefinition) -> dict[str, Any]:
        """LightGBM's parameters."""
        return {
            "objective": "binary",
            "max_depth": self.depth,
            "num_leaves": 2**self.depth,
            "learning_rate": self.learning_rate,
            "min_data_in_leaf": self.least_loans_in_leaf,
            "lambda_l2": self.l2,
            "bagging_fraction": self.row_share,
            "bagging_freq": 1,
            "feature_fraction": self.column_share,
            "cat_smooth": 50.0,
            "cat_l2": 10.0,
            "monotone_constraints": [each.direction for each in product.characteristics],
            "monotone_constraints_method": "basic",  # with "advanced", one tree in twenty violated a constraint
            "seed": seed,
            "deterministic": True,
            "force_row_wise": True,
            "num_threads": 1,
            "verbosity": -1,
        }


def grow(sample: DevelopmentSample, settings: TreeSettings, seed: int) -> lgb.Booster:
    """Train trees for the probability of default."""
    data = lgb.Dataset(
        sample.encoded,
        label=sample.bad.astype(float),
        weight=sample.weight,
        feature_name=list(sample.product.characteristic_names),
        categorical_feature=list(sample.product.categorical_names),
        params={"verbosity": -1},
    )
    return lgb.train(settings.parameters(seed, sample.product), data, num_boost_round=settings.trees)


def raw_log_odds(booster: lgb.Booster, encoded: Floats) -> Floats:
    """The trees' log-odds (rows,) before calibration."""
    return np.asarray(booster.predict(encoded, raw_score=True, num_threads=1), dtype=np.float64)
