"""Figures that differ in the last digits are rounded to the same value."""

from adapters.scoring.training.rounding import round_significant
from adapters.scoring.training.write_bundle import to_json_bytes


def test_figures_that_differ_in_the_last_digits_are_rounded_to_the_same_value() -> None:
    assert round_significant(-0.059006921442784376) == round_significant(-0.05900692144278436)
    one, other = 0.12316937043434567, 0.12316937043434571
    assert to_json_bytes({"curve": [one, {"at": (one,)}]}) == to_json_bytes({"curve": [other, {"at": (other,)}]})


def test_figures_that_differ_more_stay_different() -> None:
    assert round_significant(0.05900692144) != round_significant(0.05900692145)
    assert to_json_bytes({"whole": 12345678901234567}) == b'{\n "whole": 12345678901234567\n}\n'
