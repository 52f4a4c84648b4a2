"""A use case with a span and metrics; its callers see no difference."""

import inspect
from collections.abc import Callable, Sequence
from time import perf_counter
from typing import Any, TypeVar, cast

from adapters.observability.metrics.metrics import Metrics
from adapters.observability.tracing.spans import OpenSpan, Tracer
from domain.access.user import Actor, PermissionDenied

UseCase = TypeVar("UseCase", bound=Callable[..., Any])


OnDenied = Callable[[PermissionDenied, str, str], None]
"""Takes a denial of permission, the user's name (empty if unknown) and the use case's name."""


def _ignore_denial(denial: PermissionDenied, user: str, use_case: str) -> None:
    pass


class _Observed:
    """What synchronous and asynchronous calls share. Other attributes are those of the wrapped use case."""

    def __init__(
        self,
        wrapped: Callable[..., Any],
        name: str,
        metrics: Metrics,
        tracer: Tracer | None,
        on_denied: OnDenied = _ignore_denial,
    ) -> None:
        self._wrapped = wrapped
        self._name = name
        self._observe_seconds = metrics.calls.durations(name).observe
        self._count_error = metrics.calls.error
        self._tracer = tracer
        self._on_denied = on_denied

    def __getattr__(self, name: str) -> Any:
        return getattr(self._wrapped, name)

    def __repr__(self) -> str:
        return f"observed({self._wrapped!r})"

    def _fail(self, started: float, span: OpenSpan | None, error: BaseException, by: Actor | None) -> None:
        self._end(started, span, error)
        if isinstance(error, PermissionDenied):
            self._on_denied(error, "" if by is None else by.name, self._name)

    def _begin(self) -> OpenSpan | None:
        return None if self._tracer is None else self._tracer.begin(self._name)

    def _end(self, started: float, span: OpenSpan | None, error: BaseException | None = None) -> None:
        self._observe_seconds(perf_counter() - started)
        kind = None if error is None else type(error).__name__
        if kind is not None:
            self._count_error(where=self._name, kind=kind)
        if span is not None:
            span.end(error=kind)


class _ObservedAsync(_Observed):
    async def __call__(self, *args: Any, **kwargs: Any) -> Any:
        span, started = self._begin(), perf_counter()
        try:
            result = await self._wrapped(*args, **kwargs)
        except BaseException as error:
            self._fail(started, span, error, kwargs.get("by"))
            raise
        self._end(started, span)
        return result


class _ObservedBatch(_Observed):
    """Counts the duration once per item, and every item that failed."""

    async def __call__(self, items: Sequence[Any]) -> Sequence[Any]:
        span, started = self._begin(), perf_counter()
        try:
            outcomes: Sequence[Any] = await self._wrapped(items)
        except BaseException as error:
            self._end(started, span, error)
            raise
        seconds, failures = perf_counter() - started, [each for each in outcomes if isinstance(each, Exception)]
        self._observe_seconds(seconds, len(outcomes))
        for failure in failures:
            self._count_error(where=self._name, kind=type(failure).__name__)
        if span is not None:
            span.end(error=type(failures[0]).__name__ if failures else None)
        return outcomes


class _ObservedSync(_Observed):
    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        span, started = self._begin(), perf_counter()
        try:
            result = self._wrapped(*args, **kwargs)
        except BaseException as error:
            self._fail(started, span, error, kwargs.get("by"))
            raise
        self._end(started, span)
        return result


def observed(
    use_case: UseCase, name: str, metrics: Metrics, tracer: Tracer | None, on_denied: OnDenied = _ignore_denial
) -> UseCase:
    """Wrap a use case: one span and one duration per call, and its exceptions counted by type.

    `on_denied` is called where the actor, passed as `by`, lacks the permission.
    """
    call = use_case if inspect.isfunction(use_case) or inspect.ismethod(use_case) else type(use_case).__call__
    kind = _ObservedAsync if inspect.iscoroutinefunction(call) else _ObservedSync
    return cast(UseCase, kind(use_case, name, metrics, tracer, on_denied))


def observed_batch(use_case: UseCase, name: str, metrics: Metrics, tracer: Tracer | None) -> UseCase:
    """Wrap a use case that handles several items and returns an outcome, or an exception, for each: one span."""
    return cast(UseCase, _ObservedBatch(use_case, name, metrics, tracer))
