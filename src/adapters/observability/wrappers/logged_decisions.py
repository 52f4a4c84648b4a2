"""Decisions made outside an HTTP request, by an event of a page: each is a span and a log line."""

from time import perf_counter
from typing import Any

import structlog

from adapters.observability.tracing.spans import Tracer
from application.use_cases.decisions.assess_once import AssessmentResult, AssessOnce
from domain.decisions.decision_record import DecisionRecord


class LoggedDecisions:
    """The use case `AssessOnce`, with the facts of its decisions. Other attributes are those of the use case."""

    def __init__(self, assess_once: AssessOnce, tracer: Tracer | None) -> None:
        self._assess_once = assess_once
        self._tracer = tracer
        self._log = structlog.get_logger().bind()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._assess_once, name)

    async def __call__(self, *args: Any, **kwargs: Any) -> AssessmentResult:
        """Decide, and record the decision; failures are recorded where the use case is observed."""
        started = perf_counter()
        span = None if self._tracer is None else self._tracer.begin("decide")
        try:
            result = await self._assess_once(*args, **kwargs)
        except BaseException as error:
            if span is not None:
                span.end(error=type(error).__name__)
            raise
        facts = _facts(result.record)
        line: dict[str, Any] = {**facts, "actor": kwargs["by"].name, "role": kwargs["by"].role.value}
        if span is not None:
            span.end({f"scoring.{name}": value for name, value in facts.items()})
            line["trace_id"] = span.trace_id
        self._log.info("decision", duration_ms=round((perf_counter() - started) * 1000, 3), **line)
        return result


def _facts(record: DecisionRecord) -> dict[str, str]:
    decision = record.decision
    return {
        "decision_id": str(record.decision_id),
        "outcome": decision.outcome.value,
        "grade": decision.grade,
        "confidence": decision.confidence.value,
        "model_version": record.model_version,
        "policy_version": decision.policy_version,
    }
