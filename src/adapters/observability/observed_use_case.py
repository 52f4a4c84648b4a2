"""A use case with its span and its metrics around it; whoever calls it does not notice."""

import inspect
from collections.abc import Callable
from time import perf_counter
from typing import Any, TypeVar, cast

from adapters.observability.metrics import Metrics
from adapters.observability.spans import OpenSpan, Tracer

UseCase = TypeVar("UseCase", bound=Callable[..., Any])


class _Observed:
    """What both tempos share. Whatever else is asked of it, the use case answers (`assess.policy`)."""

    def __init__(self, wrapped: Callable[..., Any], name: str, metrics: Metrics, tracer: Tracer | None) -> None:
        self._wrapped = wrapped
        self._name = name
        self._took = metrics.stopwatch(name)
        self._failed = metrics.failed
        self._tracer = tracer

    def __getattr__(self, name: str) -> Any:
        return getattr(self._wrapped, name)

    def __repr__(self) -> str:
        return f"observed({self._wrapped!r})"

    def _begin(self) -> OpenSpan | None:
        return None if self._tracer is None else self._tracer.begin(self._name)

    def _end(self, started: float, span: OpenSpan | None, fault: BaseException | None = None) -> None:
        self._took(perf_counter() - started)
        kind = None if fault is None else type(fault).__name__
        if kind is not None:
            self._failed(where=self._name, kind=kind)
        if span is not None:
            span.end(error=kind)


class _ObservedAsync(_Observed):
    async def __call__(self, *args: Any, **kwargs: Any) -> Any:
        span, started = self._begin(), perf_counter()
        try:
            result = await self._wrapped(*args, **kwargs)
        except BaseException as fault:
            self._end(started, span, fault)
            raise
        self._end(started, span)
        return result


class _ObservedSync(_Observed):
    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        span, started = self._begin(), perf_counter()
        try:
            result = self._wrapped(*args, **kwargs)
        except BaseException as fault:
            self._end(started, span, fault)
            raise
        self._end(started, span)
        return result


def observed(use_case: UseCase, name: str, metrics: Metrics, tracer: Tracer | None) -> UseCase:
    """The use case, called as before: one span, one time, and its exceptions counted by type."""
    call = use_case if inspect.isfunction(use_case) or inspect.ismethod(use_case) else type(use_case).__call__
    kind = _ObservedAsync if inspect.iscoroutinefunction(call) else _ObservedSync
    return cast(UseCase, kind(use_case, name, metrics, tracer))
