"""What every prediction cache promises."""

import math
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta

import pytest

from adapters.caching.redis_prediction_cache import RedisPredictionCache
from adapters.caching.tiered_prediction_cache import TieredPredictionCache
from adapters.memory.predictions import MemoryPredictionCache
from application.ports.models.credit_model import ModelVersion
from application.ports.models.prediction_cache import PredictionCache
from domain.models.characteristics import CHARACTERISTIC_NAMES, Characteristics
from domain.models.prediction import Prediction
from domain.models.probability import ProbabilityOfDefault
from support.builders import a_loan_application, a_prediction

CHAMPION = ModelVersion("1.0.0", "ab" * 32)
SOMEBODY = Characteristics.of(a_loan_application())


class Settled(PredictionCache):
    """A cache that has kept what it was given by the time `put` returns."""

    def __init__(self, cache: PredictionCache, far: RedisPredictionCache) -> None:
        self._cache = cache
        self._far = far

    async def get(self, model: ModelVersion, characteristics: Characteristics) -> Prediction | None:
        return await self._cache.get(model, characteristics)

    async def put(self, model: ModelVersion, characteristics: Characteristics, prediction: Prediction) -> None:
        await self._cache.put(model, characteristics, prediction)
        await self._far.drained()


@pytest.fixture(params=["memory", "redis", "tiered", "tiered, forgotten in the process"])
async def cache(request: pytest.FixtureRequest) -> AsyncIterator[PredictionCache]:
    if request.param == "memory":
        yield MemoryPredictionCache()
        return
    far = RedisPredictionCache(request.getfixturevalue("valkey_url"), patience=timedelta(seconds=5))
    if request.param == "redis":
        yield Settled(far, far)
    else:
        near = MemoryPredictionCache(size=0 if "forgotten" in request.param else 100)
        yield Settled(TieredPredictionCache(near, far), far)
    await far.aclose()


async def test_what_was_never_put_is_not_remembered(cache: PredictionCache) -> None:
    assert await cache.get(CHAMPION, SOMEBODY) is None


async def test_a_prediction_comes_back_to_the_last_bit(cache: PredictionCache) -> None:
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
    await cache.put(CHAMPION, SOMEBODY, prediction)
    remembered = await cache.get(CHAMPION, SOMEBODY)
    assert remembered == prediction
    assert repr(remembered) == repr(prediction)


async def test_the_latest_of_two_predictions_is_remembered(cache: PredictionCache) -> None:
    await cache.put(CHAMPION, SOMEBODY, a_prediction())
    later = a_prediction(out_of_domain=("dti", "revol_util"))
    await cache.put(CHAMPION, SOMEBODY, later)
    assert await cache.get(CHAMPION, SOMEBODY) == later


async def test_another_model_has_made_no_prediction_yet(cache: PredictionCache) -> None:
    await cache.put(CHAMPION, SOMEBODY, a_prediction())
    assert await cache.get(ModelVersion("1.0.0", "cd" * 32), SOMEBODY) is None


@pytest.mark.parametrize("name", CHARACTERISTIC_NAMES)
async def test_an_applicant_who_differs_in_the_least_is_somebody_else(cache: PredictionCache, name: str) -> None:
    await cache.put(CHAMPION, SOMEBODY, a_prediction())
    value = getattr(SOMEBODY, name)
    other = value + "S" if isinstance(value, str) else math.nextafter(value, math.inf)
    assert await cache.get(CHAMPION, replace(SOMEBODY, **{name: other})) is None


async def test_what_was_not_given_is_the_same_as_what_was_not_given(cache: PredictionCache) -> None:
    unknown = replace(SOMEBODY, emp_length=float("nan"), revol_util=float("nan"))
    await cache.put(CHAMPION, unknown, a_prediction())
    same = replace(SOMEBODY, emp_length=math.nan, revol_util=float("nan"))
    assert await cache.get(CHAMPION, same) == a_prediction()
