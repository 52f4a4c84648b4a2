"""The layer in the process spares the trip to the server."""

from adapters.caching.tiered_prediction_cache import TieredPredictionCache
from adapters.memory.predictions import MemoryPredictionCache
from application.ports.models.credit_model import ModelVersion
from domain.models.characteristics import Characteristics
from support.builders import a_loan_application, a_prediction

MODEL = ModelVersion("1.0.0", "ab" * 32)
SOMEBODY = Characteristics.of(a_loan_application())


async def test_what_another_replica_remembered_is_brought_near() -> None:
    near, far = MemoryPredictionCache(), MemoryPredictionCache()
    cache = TieredPredictionCache(near, far)
    assert await cache.get(MODEL, SOMEBODY) is None
    await far.put(MODEL, SOMEBODY, a_prediction())
    assert await cache.get(MODEL, SOMEBODY) == a_prediction()
    assert await near.get(MODEL, SOMEBODY) == a_prediction()
    assert await cache.get(MODEL, SOMEBODY) == a_prediction()
    assert cache.figures() == {"near_hits": 1, "far_hits": 1, "misses": 1}


async def test_what_is_put_is_remembered_by_both() -> None:
    near, far = MemoryPredictionCache(), MemoryPredictionCache()
    await TieredPredictionCache(near, far).put(MODEL, SOMEBODY, a_prediction())
    assert await near.get(MODEL, SOMEBODY) == await far.get(MODEL, SOMEBODY) == a_prediction()
