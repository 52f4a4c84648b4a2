"""Ports with spans and metrics: the ledger and the prediction cache."""

from collections.abc import Callable, Coroutine, Iterable, Sequence
from typing import Any

from adapters.observability.metrics.decision_metrics import DecisionTally
from adapters.observability.metrics.metrics import Metrics
from adapters.observability.tracing.spans import Tracer
from adapters.observability.wrappers.observed_use_case import observed, observed_batch
from application.ports.decisions.decision_ledger import DecisionLedger
from application.ports.decisions.idempotency import Claim
from application.ports.models.credit_model import ModelVersion
from application.ports.models.prediction_cache import PredictionCache
from domain.decisions.decision_record import DecisionRecord
from domain.models.characteristics import Characteristics
from domain.models.prediction import Prediction


class ObservedLedger(DecisionLedger):
    """Times every call, and counts decisions once they are durable.

    Other attributes (`open`, `close`) are those of the wrapped ledger.
    """

    def __init__(self, ledger: DecisionLedger, metrics: Metrics, tracer: Tracer | None) -> None:
        self._ledger = ledger
        self._decisions = metrics.decisions
        self._record_each = observed_batch(ledger.record_each, "ledger.record", metrics, tracer)
        self._record_all = observed(ledger.record_all, "ledger.record_all", metrics, tracer)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._ledger, name)

    async def record_each(
        self, entries: Sequence[tuple[DecisionRecord, Claim | None]]
    ) -> Sequence[DecisionRecord | Exception]:
        """Record decisions; an earlier decision returned for an idempotency key is not counted again."""
        recorded = await self._record_each(entries)
        for (record, _), result in zip(entries, recorded, strict=True):
            if result is record or (
                not isinstance(result, Exception) and result.decision_id == record.decision_id
            ):
                self._decisions.recorded(record)
        return recorded

    async def record_all(self, records: Iterable[DecisionRecord]) -> None:
        tally = DecisionTally()
        await self._record_all(tally.counted(records))
        self._decisions.recorded_all(tally)


class ObservedPredictionCache(PredictionCache):
    """Times gets and puts; the cache counts its hits and misses itself (`CacheMetrics`).

    Other attributes are those of the wrapped cache.
    """

    def __init__(self, cache: PredictionCache, metrics: Metrics, tracer: Tracer | None) -> None:
        self._cache = cache
        self._get: Callable[..., Coroutine[Any, Any, Prediction | None]]
        self._get = observed(cache.get, "cache.get", metrics, tracer)
        self._put = observed(cache.put, "cache.put", metrics, tracer)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._cache, name)

    async def get(self, model: ModelVersion, characteristics: Characteristics) -> Prediction | None:
        return await self._get(model, characteristics)

    async def put(self, model: ModelVersion, characteristics: Characteristics, prediction: Prediction) -> None:
        await self._put(model, characteristics, prediction)
