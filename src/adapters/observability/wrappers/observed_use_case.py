"""A use case with its span and its metrics around it; whoever calls it does not notice."""

import inspect
from collections.abc import Callable, Sequence
from time import perf_counter
from typing import Any, TypeVar, cast

from adapters.observability.metrics.metrics import Metrics
from adapters.observability.tracing.spans import OpenSpan, Tracer
from domain.access.user import Actor, PermissionDenied

UseCase = TypeVar("UseCase", bound=Callable[..., Any])


Denied = Callable[[PermissionDenied, str, str], None]
"""Takes that somebody was not permitted something: who (empty if not known), and the use case's name."""


def _unrecorded(denial: PermissionDenied, user: str, use_case: str) -> None:
    """Where nobody records denials."""


class _Observed:
    """What both tempos share. Whatever else is asked of it, the use case answers (`assess.policy`)."""

    def __init__(
        self,
        wrapped: Callable[..., Any],
        name: str,
        metrics: Metrics,
        tracer: Tracer | None,
        denied: Denied = _unrecorded,
    ) -> None:
        self._wrapped = wrapped
        self._name = name
        self._took = metrics.stopwatch(name)
        self._failed = metrics.failed
        self._tracer = tracer
        self._denied = denied

    def __getattr__(self, name: str) -> Any:
        return getattr(self._wrapped, name)

    def __repr__(self) -> str:
        return f"observed({self._wrapped!r})"

    def _fail(self, started: float, span: OpenSpan | None, fault: BaseException, by: Actor | None) -> None:
        self._end(started, span, fault)
        if isinstance(fault, PermissionDenied):
            self._denied(fault, "" if by is None else by.name, self._name)

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
            self._fail(started, span, fault, kwargs.get("by"))
            raise
        self._end(started, span)
        return result


class _ObservedEach(_Observed):
    """Of what does several things at once: the time once for each of them, and what became of each."""

    async def __call__(self, asked: Sequence[Any]) -> Sequence[Any]:
        span, started = self._begin(), perf_counter()
        try:
            outcomes: Sequence[Any] = await self._wrapped(asked)
        except BaseException as fault:
            self._end(started, span, fault)
            raise
        seconds, failures = perf_counter() - started, [each for each in outcomes if isinstance(each, Exception)]
        self._took(seconds, len(outcomes))
        for failure in failures:
            self._failed(where=self._name, kind=type(failure).__name__)
        if span is not None:
            span.end(error=type(failures[0]).__name__ if failures else None)
        return outcomes


class _ObservedSync(_Observed):
    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        span, started = self._begin(), perf_counter()
        try:
            result = self._wrapped(*args, **kwargs)
        except BaseException as fault:
            self._fail(started, span, fault, kwargs.get("by"))
            raise
        self._end(started, span)
        return result


def observed(
    use_case: UseCase, name: str, metrics: Metrics, tracer: Tracer | None, denied: Denied = _unrecorded
) -> UseCase:
    """The use case, called as before: one span, one time, and its exceptions counted by type.

    `denied` is told where the actor, handed over as `by`, is not permitted to call it.
    """
    call = use_case if inspect.isfunction(use_case) or inspect.ismethod(use_case) else type(use_case).__call__
    kind = _ObservedAsync if inspect.iscoroutinefunction(call) else _ObservedSync
    return cast(UseCase, kind(use_case, name, metrics, tracer, denied))


def observed_each(together: UseCase, name: str, metrics: Metrics, tracer: Tracer | None) -> UseCase:
    """What does several things at once and tells of each what became of it, called as before: one span."""
    return cast(UseCase, _ObservedEach(together, name, metrics, tracer))
