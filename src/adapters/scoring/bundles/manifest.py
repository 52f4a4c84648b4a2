"""The manifest of a bundle: everything about the model that is not an array."""

import msgspec

from domain.models.probability import Uncertainty

SCHEMA = 3
"""Version of the bundle's layout. Layout 2 has ranges with two ends and no stand-ins, and decides as it did.
Layout 1 is read too, to reproduce decisions that its bundles made."""


class NumberRange(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The inclusive range of a number in the training population.

    An end is None where the number is safe beyond it: the PD falls, or stays, in that direction.
    """

    low: float | None
    high: float | None


class Calibration(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Calibrated log-odds = slope * (sum of the trees' leaves) + intercept. The tables already include it."""

    slope: float
    intercept: float


class ProductOfModel(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The product whose loans the model was trained on."""

    name: str
    version: str


class Manifest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The model's metadata and scalar parameters.

    `characteristics` is the order of inputs and contributions; `categories` lists the words of each categorical
    one in the order of their codes. `number_ranges` and `usual_categories` describe the training population.
    `stand_ins` are the numbers that count where one that is neutral if missing was not given.
    `base` (with the contributions) and `intercept` (with the leaves) add up to the log-odds, in units of
    `fixed_point.UNIT`.
    """

    schema: int
    model_version: str
    product: ProductOfModel
    characteristics: tuple[str, ...]
    categories: dict[str, tuple[str, ...]]
    number_ranges: dict[str, NumberRange]
    usual_categories: dict[str, tuple[str, ...]]
    calibration: Calibration
    uncertainty: Uncertainty
    base: int
    intercept: int
    trees_without_amount: int
    seed: int
    training: dict[str, str | int | float | bool | None]
    stand_ins: dict[str, float] = {}


class ManifestOfLayout1(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The manifest of layout 1, with the reference profile of the one policy that it names."""

    schema: int
    model_version: str
    policy_version: str
    characteristics: tuple[str, ...]
    categories: dict[str, tuple[str, ...]]
    number_ranges: dict[str, NumberRange]
    usual_categories: dict[str, tuple[str, ...]]
    calibration: Calibration
    uncertainty: Uncertainty
    reference_profile: tuple[float, ...]
    base: int
    intercept: int
    trees_without_amount: int
    seed: int
    training: dict[str, str | int | float | bool | None]

    def upgraded(self) -> Manifest:
        """The same model in today's layout; every model of layout 1 is of the personal loan."""
        kept = {name: getattr(self, name) for name in self.__struct_fields__ if name in Manifest.__struct_fields__}
        return Manifest(product=ProductOfModel("personal_loan", "1"), **kept)
