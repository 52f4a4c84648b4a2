"""Parses LightGBM's text format of trees; `include/LightGBM/tree.h` documents its fields."""

from dataclasses import dataclass
from math import isnan

_CATEGORICAL = 1
_DEFAULT_LEFT = 2
_MISSING_ZERO = 1
_MISSING_NAN = 2
_BITS = 32


class UnsupportedTree(ValueError):
    """The text has trees that tables cannot represent."""


@dataclass(frozen=True, slots=True)
class SplitTest:
    """The test of a tree node: value at most the threshold, or code in the set. True leads to the left child."""

    characteristic: int
    threshold: float
    codes: frozenset[int] | None
    missing_is_nan: bool
    default_left: bool

    def holds(self, value: float) -> bool:
        """LightGBM's result; NaN means a missing number or an unseen category."""
        if self.codes is not None:
            return not isnan(value) and int(value) in self.codes
        if isnan(value):
            return self.default_left if self.missing_is_nan else self.threshold >= 0.0
        return value <= self.threshold


@dataclass(frozen=True, slots=True)
class Tree:
    """A tree: node n applies `tests[n]`; a negative child is leaf `~child`. Counts are of training loans."""

    tests: tuple[SplitTest, ...]
    left: tuple[int, ...]
    right: tuple[int, ...]
    leaves: tuple[float, ...]
    node_counts: tuple[int, ...]
    leaf_counts: tuple[int, ...]


def read_trees(text: str) -> tuple[Tree, ...]:
    """All trees of the text in their order."""
    blocks = text.split("\nTree=")[1:]
    return tuple(_tree(_fields(block.split("\nend of trees")[0])) for block in blocks)


def _fields(block: str) -> dict[str, list[str]]:
    pairs = (line.partition("=") for line in block.splitlines() if "=" in line)
    return {name: value.split() for name, _, value in pairs}


def _tree(fields: dict[str, list[str]]) -> Tree:
    if fields.get("is_linear", ["0"]) != ["0"]:
        raise UnsupportedTree("linear leaves have no constant contributions")
    if fields["num_leaves"] == ["1"]:
        return Tree((), (), (), (float(fields["leaf_value"][0]),), (), (1,))
    boundaries = [int(word) for word in fields.get("cat_boundaries", [])]
    bitsets = [int(word) for word in fields.get("cat_threshold", [])]
    rows = zip(fields["split_feature"], fields["threshold"], fields["decision_type"], strict=True)
    return Tree(
        tests=tuple(_split_test(int(f), float(t), int(flags), boundaries, bitsets) for f, t, flags in rows),
        left=tuple(map(int, fields["left_child"])),
        right=tuple(map(int, fields["right_child"])),
        leaves=tuple(map(float, fields["leaf_value"])),
        node_counts=tuple(map(int, fields["internal_count"])),
        leaf_counts=tuple(map(int, fields["leaf_count"])),
    )


def _split_test(
    characteristic: int, threshold: float, flags: int, boundaries: list[int], bitsets: list[int]
) -> SplitTest:
    missing = flags >> 2 & 3
    if missing == _MISSING_ZERO:
        raise UnsupportedTree("trees trained with zero_as_missing are not supported")
    codes = None
    if flags & _CATEGORICAL:
        words = bitsets[boundaries[int(threshold)] : boundaries[int(threshold) + 1]]
        codes = frozenset(bit for bit in range(_BITS * len(words)) if words[bit // _BITS] >> bit % _BITS & 1)
    return SplitTest(characteristic, threshold, codes, missing == _MISSING_NAN, bool(flags & _DEFAULT_LEFT))
