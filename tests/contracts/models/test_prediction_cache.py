"""The contract of every prediction cache."""

import math
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from adapters.caching.redis_cache import RedisCache
from adapters.caching.redis_prediction_cache import RedisPredictionCache
from application.ports.models.credit_model import ModelVersion
from application.ports.models.prediction_cache import PredictionCache
from domain.models.probability import ProbabilityOfDefault
from domain.products.personal_loan import PERSONAL_LOAN
from support.builders import a_loan_application, a_prediction
from support.memory.predictions import MemoryPredictionCache

CHAMPION = ModelVersion("1.0.0", "ab" * 32)
APPLICANT = PERSONAL_LOAN.characteristics_of(a_loan_application())


@pytest.fixture(params=["memory", "redis"])
async def cache(request: pytest.FixtureRequest) -> AsyncIterator[PredictionCache]:
    if request.param == "memory":
        yield MemoryPredictionCache()
        return
    redis = RedisCache(request.getfixturevalue("valkey_url"), timeout=timedelta(seconds=5))
    yield RedisPredictionCache(redis)
    await redis.aclose()


async def test_a_prediction_that_was_never_stored_is_a_miss(cache: PredictionCache) -> None:
    assert await cache.get(CHAMPION, APPLICANT) is None


async def test_a_prediction_is_read_back_bit_for_bit(cache: PredictionCache) -> None:
    awkward = (
        0.1 + 0.2,
        -0.0,
        5e-324,
        1.7976931348623157e308,
        math.pi,
        -1 / 3,
        0.0,
        1e-17,
        2.0**53 + 1,
        1.0,
        2.0,
        3.0,
    )
    prediction = a_prediction(
        log_odds=-2.302585092994046,
        pd=ProbabilityOfDefault(math.nextafter(0.1, 1)),
        contributions=awkward,
    )
    await cache.put(CHAMPION, APPLICANT, prediction)
    cached = await cache.get(CHAMPION, APPLICANT)
    assert cached == prediction
    assert repr(cached) == repr(prediction)


async def test_the_later_of_two_predictions_is_cached(cache: PredictionCache) -> None:
    await cache.put(CHAMPION, APPLICANT, a_prediction())
    later = a_prediction(out_of_domain=("dti", "revol_util"))
    await cache.put(CHAMPION, APPLICANT, later)
    assert await cache.get(CHAMPION, APPLICANT) == later


async def test_a_prediction_of_one_model_is_not_returned_for_another(cache: PredictionCache) -> None:
    await cache.put(CHAMPION, APPLICANT, a_prediction())
    assert await cache.get(ModelVersion("1.0.0", "cd" * 32), APPLICANT) is None


@pytest.mark.parametrize("name", PERSONAL_LOAN.inputs)
async def test_the_smallest_difference_in_any_characteristic_is_a_miss(cache: PredictionCache, name: str) -> None:
    await cache.put(CHAMPION, APPLICANT, a_prediction())
    value = APPLICANT[PERSONAL_LOAN.inputs.index(name)]
    other = value + "S" if isinstance(value, str) else math.nextafter(value, math.inf)
    assert await cache.get(CHAMPION, PERSONAL_LOAN.changed_inputs(APPLICANT, {name: other})) is None


async def test_values_not_provided_are_equal(cache: PredictionCache) -> None:
    unknown = PERSONAL_LOAN.changed_inputs(APPLICANT, {"emp_length": float("nan"), "revol_util": float("nan")})
    await cache.put(CHAMPION, unknown, a_prediction())
    same = PERSONAL_LOAN.changed_inputs(APPLICANT, {"emp_length": math.nan, "revol_util": float("nan")})
    assert await cache.get(CHAMPION, same) == a_prediction()
