"""Two caches, one behind the other."""

from application.ports.models.credit_model import ModelVersion
from application.ports.models.prediction_cache import PredictionCache
from domain.models.characteristics import Characteristics
from domain.models.prediction import Prediction


class TieredPredictionCache(PredictionCache):
    """Asks `near` (in the process, about a microsecond) first and `far` (shared by replicas) after it.

    What only `far` remembers is brought near.
    """

    def __init__(self, near: PredictionCache, far: PredictionCache) -> None:
        self._near = near
        self._far = far
        self._near_hits = 0
        self._far_hits = 0
        self._misses = 0

    async def get(self, model: ModelVersion, characteristics: Characteristics) -> Prediction | None:
        """The prediction, if either remembers."""
        prediction = await self._near.get(model, characteristics)
        if prediction is not None:
            self._near_hits += 1
            return prediction
        prediction = await self._far.get(model, characteristics)
        if prediction is None:
            self._misses += 1
            return None
        self._far_hits += 1
        await self._near.put(model, characteristics, prediction)
        return prediction

    async def put(self, model: ModelVersion, characteristics: Characteristics, prediction: Prediction) -> None:
        """Have both remember."""
        await self._near.put(model, characteristics, prediction)
        await self._far.put(model, characteristics, prediction)

    def figures(self) -> dict[str, float]:
        """Counts of gets since the start."""
        return {"near_hits": self._near_hits, "far_hits": self._far_hits, "misses": self._misses}
