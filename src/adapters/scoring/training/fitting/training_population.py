"""The bounds of the training population, stored in the bundle to detect unusual applicants."""

import numpy as np

from adapters.scoring.bundles.manifest import NumberRange
from adapters.scoring.fixed_point import Floats
from adapters.scoring.training.fitting.development_sample import DevelopmentSample
from domain.products.fields import NumberField

TAIL = 0.001
"""The share of the weighted population outside the range at either end of a number."""

MIN_CATEGORY_LOANS = 100
"""A word with fewer loans is unusual; LightGBM does not learn from smaller groups either."""


def weighted_quantile(values: Floats, weight: Floats, share: float) -> float:
    """The weighted quantile: the smallest value whose cumulative weight reaches the share."""
    order = np.argsort(values, kind="stable")
    reached = np.cumsum(weight[order])
    place = int(np.searchsorted(reached, share * reached[-1]))
    return float(values[order][min(place, len(values) - 1)])


def number_ranges(sample: DevelopmentSample) -> dict[str, NumberRange]:
    """Each number's range between the two tails, without missing values; open where the PD can only fall."""
    ranges, directions = {}, sample.product.directions
    for name in sample.product.characteristic_names:
        if name in sample.product.categorical_names:
            continue
        given = ~np.isnan(sample.column(name))
        values, weight = sample.column(name)[given], sample.weight[given]
        direction = directions.get(name, 0)
        ranges[name] = NumberRange(
            None if direction > 0 else weighted_quantile(values, weight, TAIL),
            None if direction < 0 else weighted_quantile(values, weight, 1.0 - TAIL),
        )
    return ranges


def stand_ins(sample: DevelopmentSample) -> dict[str, float]:
    """The median of each number that is neutral if it is missing."""
    medians = {}
    for name in sample.product.characteristic_names:
        field = sample.product.field_by_name[name]
        if isinstance(field, NumberField) and field.neutral_if_missing:
            given = ~np.isnan(sample.column(name))
            medians[name] = weighted_quantile(sample.column(name)[given], sample.weight[given], 0.5)
    return medians


def usual_categories(sample: DevelopmentSample) -> dict[str, tuple[str, ...]]:
    """The words that enough loans have."""
    return {
        name: tuple(
            word for code, word in enumerate(words) if (sample.column(name) == code).sum() >= MIN_CATEGORY_LOANS
        )
        for name, words in sample.product.categories.items()
    }
