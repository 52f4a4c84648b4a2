"""The training population: which characteristics of an applicant are outside it.

A number is outside beyond its range, which has no end on the side on which the PD can only fall: there the model
does not understate the risk. "Not given" (NaN) is inside, since the population includes it. A word is outside if
too few training loans had it. The definition is the same for one applicant and for columns.
"""

from dataclasses import dataclass
from math import inf

import numpy as np
from numpy.typing import NDArray

from adapters.scoring.bundles.manifest import Manifest
from adapters.scoring.fixed_point import Floats
from domain.models.characteristics import Characteristics


@dataclass(frozen=True, slots=True)
class Population:
    """Bounds of each number, by place; for words the set of usual ones, also as flags by code.

    `names` are all characteristics, in order.
    """

    names: tuple[str, ...]
    numbers: tuple[tuple[int, float, float], ...]
    words: tuple[tuple[int, frozenset[str]], ...]
    usual_codes: dict[int, NDArray[np.bool_]]

    @classmethod
    def of(cls, manifest: Manifest) -> "Population":
        """The population that a bundle was trained on."""
        names, ranges, usual = manifest.characteristics, manifest.number_ranges, manifest.usual_categories
        return cls(
            names=names,
            numbers=tuple(
                (place, -inf if each.low is None else each.low, inf if each.high is None else each.high)
                for place, name in enumerate(names)
                if (each := ranges.get(name))
            ),
            words=tuple((place, frozenset(usual[name])) for place, name in enumerate(names) if name in usual),
            usual_codes={
                names.index(name): np.array([word in usual[name] for word in words] + [False])
                for name, words in manifest.categories.items()
            },
        )

    def outside(self, characteristics: Characteristics) -> tuple[str, ...]:
        """The names of the characteristics outside, in order."""
        outside = [
            place
            for place, low, high in self.numbers
            if characteristics[place] < low or characteristics[place] > high
        ]
        outside += [place for place, usual in self.words if characteristics[place] not in usual]
        return tuple([self.names[place] for place in sorted(outside)]) if outside else ()

    def outside_columns(self, encoded: Floats) -> NDArray[np.bool_]:
        """Flags (rows, characteristics) for encoded characteristics (rows, characteristics or more)."""
        flags = np.zeros((len(encoded), len(self.names)), dtype=np.bool_)
        for place, low, high in self.numbers:
            flags[:, place] = (encoded[:, place] < low) | (encoded[:, place] > high)
        for place, usual in self.usual_codes.items():
            codes = np.nan_to_num(encoded[:, place], nan=-1.0).astype(np.int64)
            known = (codes >= 0) & (codes < len(usual) - 1)
            flags[:, place] = ~usual[np.where(known, codes, len(usual) - 1)]
        return flags
