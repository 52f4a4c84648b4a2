"""The format of predictions and results in the cache server."""

from datetime import timedelta

from redis.asyncio import Redis

from adapters.caching.redis_cache import RedisCache
from adapters.caching.redis_prediction_cache import RedisPredictionCache, prediction_key
from adapters.caching.redis_result_cache import result_key
from application.ports.models.credit_model import ModelVersion
from application.ports.operations.result_cache import CacheKey
from domain.products.personal_loan import PERSONAL_LOAN
from support.builders import a_loan_application, a_prediction
from support.stoppable_valkey import Server

MODEL = ModelVersion("1.0.0", "ab" * 32)
APPLICANT = PERSONAL_LOAN.characteristics_of(a_loan_application())


async def test_a_value_that_is_no_prediction_is_a_miss(server: Server) -> None:
    cache = RedisCache(server.url, timeout=timedelta(seconds=5))
    predictions = RedisPredictionCache(cache)
    await predictions.put(MODEL, APPLICANT, a_prediction())
    assert await predictions.get(MODEL, APPLICANT) == a_prediction()
    async with Redis.from_url(server.url) as client:
        await client.set(prediction_key(MODEL, APPLICANT), b"\xc1 not MessagePack")
    assert await predictions.get(MODEL, APPLICANT) is None
    await cache.aclose()


async def test_predictions_expire(server: Server) -> None:
    for lifetime in (timedelta(seconds=1), timedelta(hours=1)):
        cache = RedisCache(server.url, timeout=timedelta(seconds=5))
        await RedisPredictionCache(cache, lifetime=lifetime).put(MODEL, APPLICANT, a_prediction())
        async with Redis.from_url(server.url) as client:
            assert 0 < await client.pttl(prediction_key(MODEL, APPLICANT)) <= lifetime.total_seconds() * 1000
        await cache.aclose()


def test_a_key_does_not_reveal_the_user() -> None:
    assert b"anna" not in result_key(CacheKey("counterfactual 1", ("model", "policy"), requested_by="anna"))
    assert len({len(result_key(CacheKey("kind", ("x" * size,)))) for size in (0, 1, 1000)}) == 1
