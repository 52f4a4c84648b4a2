"""Use cases whose every call is a security event, recorded when its end is known."""

import inspect
from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar, cast

from application.ports.access.login_attempts import TooManyAttempts
from application.ports.access.security_events import Result, SecurityEvent, SecurityEventKind, SecurityEvents
from application.use_cases.access.log_in import InvalidCredentials
from domain.access.user import PermissionDenied

UseCase = TypeVar("UseCase", bound=Callable[..., Any])
Facts = Callable[..., tuple[str, str]]
"""Takes what the use case was called with, and gives user and object."""


def recorded(
    use_case: UseCase,
    events: SecurityEvents,
    kind: SecurityEventKind,
    facts: Facts,
    *,
    succeeded: Callable[[Any], bool] = lambda _: True,
) -> UseCase:
    """The use case, called as before. What it raises is a failure, except for PermissionDenied: that denial is
    recorded where it is observed. `succeeded` looks at what it returns.
    """

    def record(result: Result, args: Any, kwargs: Any) -> None:
        user, target = facts(*args, **kwargs)
        events.record(SecurityEvent(kind, result, user, target))

    def returned(value: Any, args: Any, kwargs: Any) -> Any:
        record(Result.SUCCEEDED if succeeded(value) else Result.FAILED, args, kwargs)
        return value

    def raised(fault: BaseException, args: Any, kwargs: Any) -> None:
        if not isinstance(fault, PermissionDenied):
            record(Result.FAILED, args, kwargs)

    @wraps(type(use_case).__call__)
    async def call(*args: Any, **kwargs: Any) -> Any:
        try:
            value = await use_case(*args, **kwargs)
        except BaseException as fault:
            raised(fault, args, kwargs)
            raise
        return returned(value, args, kwargs)

    @wraps(type(use_case).__call__)
    def call_sync(*args: Any, **kwargs: Any) -> Any:
        try:
            value = use_case(*args, **kwargs)
        except BaseException as fault:
            raised(fault, args, kwargs)
            raise
        return returned(value, args, kwargs)

    function = use_case if inspect.isfunction(use_case) else type(use_case).__call__
    return cast(UseCase, call if inspect.iscoroutinefunction(function) else call_sync)


def recorded_log_in(log_in: UseCase, events: SecurityEvents) -> UseCase:
    """Logging in, called as before: each attempt is an authentication that succeeded or failed, or a lock-out."""

    @wraps(type(log_in).__call__)
    async def call(name: str, *args: Any, address: str, **kwargs: Any) -> Any:
        def record(kind: SecurityEventKind, result: Result) -> None:
            events.record(SecurityEvent(kind, result, name, source_address=address))

        try:
            actor = await log_in(name, *args, address=address, **kwargs)
        except InvalidCredentials:
            record(SecurityEventKind.AUTHENTICATION, Result.FAILED)
            raise
        except TooManyAttempts:
            record(SecurityEventKind.LOCKOUT, Result.DENIED)
            raise
        record(SecurityEventKind.AUTHENTICATION, Result.SUCCEEDED)
        return actor

    return cast(UseCase, call)
