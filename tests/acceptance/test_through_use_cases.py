"""The specifications, straight through the use cases."""

import pytest
from pytest_bdd import scenarios

from acceptance.lenders import Lender, LenderThroughUseCases


@pytest.fixture
def lender() -> Lender:
    return LenderThroughUseCases()


scenarios("../../features")
