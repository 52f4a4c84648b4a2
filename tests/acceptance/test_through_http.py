"""The specifications, through HTTP, as callers use the service."""

import pytest
from pytest_bdd import scenarios

from acceptance.lenders import Lender, LenderThroughHttp


@pytest.fixture
def lender() -> Lender:
    return LenderThroughHttp()


scenarios("../../features")
