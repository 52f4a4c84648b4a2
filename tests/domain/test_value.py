"""Values cannot be changed, except for the few that were measured to be too slow when frozen."""

import importlib
import inspect
import pkgutil
from collections.abc import Iterator
from dataclasses import is_dataclass

import pytest

import application
import domain
from domain.value import value


def dataclasses() -> Iterator[type]:
    for package in (domain, application):
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            for _, found in inspect.getmembers(importlib.import_module(module.name), inspect.isclass):
                if is_dataclass(found) and found.__module__ == module.name:
                    yield found


COLLECTING = {"ContainsSynthetic", "ExportedOutcomes", "JudgedRows", "Unsent"}
"""They collect or remember something while they work, and are no values."""


def test_only_the_listed_values_are_not_frozen_at_run_time() -> None:
    documented = inspect.getdoc(value) or ""
    mutable = {found.__name__ for found in dataclasses() if not found.__dataclass_params__.frozen}  # type: ignore[attr-defined]
    values = mutable - COLLECTING
    assert len(values) == 10
    assert mutable & COLLECTING == COLLECTING
    assert [name for name in values if f"`{name}`" not in documented] == []


@pytest.mark.parametrize("found", [pytest.param(found, id=found.__name__) for found in dataclasses()])
def test_every_value_has_slots(found: type) -> None:
    assert "__slots__" in vars(found)
