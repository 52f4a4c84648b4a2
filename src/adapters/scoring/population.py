"""The training population: which characteristics of an applicant are outside it.

A number is outside beyond its range; "not given" (NaN) is inside, since the population includes it. A word is
outside if too few training loans had it. The definition is the same for one applicant and for columns.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from operator import attrgetter

import numpy as np
from numpy.typing import NDArray

from adapters.scoring.bundles.manifest import Manifest
from adapters.scoring.fixed_point import Floats
from domain.models.characteristics import CATEGORICAL_NAMES, CHARACTERISTIC_NAMES, Characteristics


@dataclass(frozen=True, slots=True)
class Population:
    """Bounds by characteristic; for words the set of usual ones, also as flags by code."""

    numbers: tuple[tuple[str, float, float], ...]
    words: tuple[tuple[str, frozenset[str]], ...]
    usual_codes: dict[str, NDArray[np.bool_]]
    _numbers_of: Callable[[Characteristics], tuple[float, ...]] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_numbers_of", attrgetter(*(name for name, _, _ in self.numbers)))

    @classmethod
    def of(cls, manifest: Manifest) -> "Population":
        """The population that a bundle was trained on."""
        ranges = manifest.number_ranges
        return cls(
            numbers=tuple(
                (name, ranges[name].low, ranges[name].high) for name in CHARACTERISTIC_NAMES if name in ranges
            ),
            words=tuple((name, frozenset(manifest.usual_categories[name])) for name in CATEGORICAL_NAMES),
            usual_codes={
                name: np.array([word in manifest.usual_categories[name] for word in words] + [False])
                for name, words in manifest.categories.items()
            },
        )

    def outside(self, characteristics: Characteristics) -> tuple[str, ...]:
        """The names of the characteristics outside, in the order of `CHARACTERISTIC_NAMES`."""
        outside_names = [
            name
            for value, (name, low, high) in zip(self._numbers_of(characteristics), self.numbers, strict=True)
            if value < low or value > high
        ]
        outside_names += [name for name, usual in self.words if getattr(characteristics, name) not in usual]
        if not outside_names:
            return ()
        return tuple(name for name in CHARACTERISTIC_NAMES if name in outside_names)

    def outside_columns(self, encoded: Floats) -> NDArray[np.bool_]:
        """Flags (rows, characteristics) for encoded characteristics (rows, characteristics)."""
        flags = np.zeros(encoded.shape, dtype=np.bool_)
        for name, low, high in self.numbers:
            column = encoded[:, CHARACTERISTIC_NAMES.index(name)]
            flags[:, CHARACTERISTIC_NAMES.index(name)] = (column < low) | (column > high)
        for name, usual in self.usual_codes.items():
            codes = np.nan_to_num(encoded[:, CHARACTERISTIC_NAMES.index(name)], nan=-1.0).astype(np.int64)
            known = (codes >= 0) & (codes < len(usual) - 1)
            flags[:, CHARACTERISTIC_NAMES.index(name)] = ~usual[np.where(known, codes, len(usual) - 1)]
        return flags
