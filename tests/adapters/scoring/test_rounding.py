"""What wavers in the last digits is written alike."""

from adapters.scoring.training.rounding import steady
from adapters.scoring.training.write_bundle import as_json


def test_figures_that_differ_in_their_last_digits_are_written_alike() -> None:
    assert steady(-0.059006921442784376) == steady(-0.05900692144278436)
    one, other = 0.12316937043434567, 0.12316937043434571
    assert as_json({"curve": [one, {"at": (one,)}]}) == as_json({"curve": [other, {"at": (other,)}]})


def test_figures_that_differ_in_earnest_are_not() -> None:
    assert steady(0.05900692144) != steady(0.05900692145)
    assert as_json({"whole": 12345678901234567}) == b'{\n "whole": 12345678901234567\n}\n'
