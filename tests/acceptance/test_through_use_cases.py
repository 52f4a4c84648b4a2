"""The features directly through the use cases."""

import pytest
from pytest_bdd import scenarios

from acceptance.lender import Lender
from acceptance.use_case_lender import LenderThroughUseCases


@pytest.fixture
def lender() -> Lender:
    return LenderThroughUseCases()


scenarios("../../features")
