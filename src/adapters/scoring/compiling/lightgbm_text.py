"""LightGBM's text format of trees, read without LightGBM; its `include/LightGBM/tree.h` says what fields mean."""

from dataclasses import dataclass
from math import isnan

_CATEGORICAL = 1
_DEFAULT_LEFT = 2
_MISSING_ZERO = 1
_MISSING_NAN = 2
_BITS = 32


class UnsupportedTree(ValueError):
    """The text has trees of a kind that tables cannot hold."""


@dataclass(frozen=True, slots=True)
class CacheKey:
    """One question a tree asks: is the value at most the threshold, or its code among the set? Yes leads left."""

    characteristic: int
    threshold: float
    codes: frozenset[int] | None
    missing_is_nan: bool
    default_left: bool

    def holds(self, value: float) -> bool:
        """LightGBM's answer; NaN is "not given", and for words also "never seen"."""
        if self.codes is not None:
            return not isnan(value) and int(value) in self.codes
        if isnan(value):
            return self.default_left if self.missing_is_nan else self.threshold >= 0.0
        return value <= self.threshold


@dataclass(frozen=True, slots=True)
class Tree:
    """A tree: node n asks `tests[n]`; a child below nought is leaf `~child`. Counts are training loans."""

    tests: tuple[CacheKey, ...]
    left: tuple[int, ...]
    right: tuple[int, ...]
    leaves: tuple[float, ...]
    node_counts: tuple[int, ...]
    leaf_counts: tuple[int, ...]


def read_trees(text: str) -> tuple[Tree, ...]:
    """Every tree of the text, in its order."""
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
        tests=tuple(_test(int(f), float(t), int(kind), boundaries, bitsets) for f, t, kind in rows),
        left=tuple(map(int, fields["left_child"])),
        right=tuple(map(int, fields["right_child"])),
        leaves=tuple(map(float, fields["leaf_value"])),
        node_counts=tuple(map(int, fields["internal_count"])),
        leaf_counts=tuple(map(int, fields["leaf_count"])),
    )


def _test(characteristic: int, threshold: float, kind: int, boundaries: list[int], bitsets: list[int]) -> CacheKey:
    missing = kind >> 2 & 3
    if missing == _MISSING_ZERO:
        raise UnsupportedTree("trees trained with zero_as_missing are not supported")
    codes = None
    if kind & _CATEGORICAL:
        words = bitsets[boundaries[int(threshold)] : boundaries[int(threshold) + 1]]
        codes = frozenset(bit for bit in range(_BITS * len(words)) if words[bit // _BITS] >> bit % _BITS & 1)
    return CacheKey(characteristic, threshold, codes, missing == _MISSING_NAN, bool(kind & _DEFAULT_LEFT))
