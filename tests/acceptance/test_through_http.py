"""The features through the API, as API clients use the service."""

import pytest
from pytest_bdd import scenarios

from acceptance.http_lender import LenderThroughHttp
from acceptance.lender import Lender


@pytest.fixture
def lender() -> Lender:
    return LenderThroughHttp()


scenarios("../../features")
