"""Ports with spans and metrics around them: the ledger and the prediction cache."""

from collections import Counter
from collections.abc import Callable, Coroutine, Iterable, Iterator, Sequence
from typing import Any

from adapters.observability.metrics.metrics import Metrics
from adapters.observability.tracing.spans import Tracer
from adapters.observability.wrappers.observed_use_case import observed, observed_each
from application.ports.decisions.decision_ledger import DecisionLedger
from application.ports.decisions.idempotency import Claim
from application.ports.models.credit_model import ModelVersion
from application.ports.models.prediction_cache import PredictionCache
from domain.decisions.decision_record import DecisionRecord
from domain.models.characteristics import Characteristics
from domain.models.prediction import Prediction


class ObservedLedger(DecisionLedger):
    """A ledger that times every record, and counts decisions by outcome once they are durable.

    Whatever else is asked of it (`open`, `close`), the ledger itself answers.
    """

    def __init__(self, ledger: DecisionLedger, metrics: Metrics, tracer: Tracer | None) -> None:
        self._ledger = ledger
        self._decided = metrics.decided
        self._record_each = observed_each(ledger.record_each, "ledger.record", metrics, tracer)
        self._record_all = observed(ledger.record_all, "ledger.record_all", metrics, tracer)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._ledger, name)

    async def record_each(
        self, entries: Sequence[tuple[DecisionRecord, Claim | None]]
    ) -> Sequence[DecisionRecord | Exception]:
        """Record decisions; one that was recorded before under its claim is not counted again."""
        recorded = await self._record_each(entries)
        for (record, _), first in zip(entries, recorded, strict=True):
            if first is record or (not isinstance(first, Exception) and first.decision_id == record.decision_id):
                self._decided(outcome=record.decision.outcome._value_, channel=record.channel)
        return recorded

    async def record_all(self, records: Iterable[DecisionRecord]) -> None:
        """Record many decisions."""
        counts: Counter[tuple[str, str]] = Counter()

        def counted() -> Iterator[DecisionRecord]:
            for record in records:
                counts[record.decision.outcome.value, record.channel] += 1
                yield record

        await self._record_all(counted())
        for (outcome, channel), times in counts.items():
            self._decided(outcome=outcome, channel=channel, times=times)


class ObservedPredictionCache(PredictionCache):
    """A cache that times gets and puts.

    Its hits and misses it counts itself (`Metrics.watch_cache`). Whatever else is asked of it, the cache answers.
    """

    def __init__(self, cache: PredictionCache, metrics: Metrics, tracer: Tracer | None) -> None:
        self._cache = cache
        self._get: Callable[..., Coroutine[Any, Any, Prediction | None]]
        self._get = observed(cache.get, "cache.get", metrics, tracer)
        self._put = observed(cache.put, "cache.put", metrics, tracer)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._cache, name)

    async def get(self, model: ModelVersion, characteristics: Characteristics) -> Prediction | None:
        """The prediction, if remembered."""
        return await self._get(model, characteristics)

    async def put(self, model: ModelVersion, characteristics: Characteristics, prediction: Prediction) -> None:
        """Remember a prediction."""
        await self._put(model, characteristics, prediction)
