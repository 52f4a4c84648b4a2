"""Use cases whose every call is recorded as a security event when it ends."""

import inspect
import logging
from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar, cast

from application.ports.access.login_attempts import TooManyAttempts
from application.ports.access.security_events import Result, SecurityEvent, SecurityEventKind, SecurityEvents
from application.use_cases.access.log_in import InvalidCredentials
from application.use_cases.access.login_records import LoginNotRecorded
from domain.access.user import PermissionDenied

_log = logging.getLogger(__name__)

UseCase = TypeVar("UseCase", bound=Callable[..., Any])
UserAndObject = Callable[..., tuple[str, str]]
"""Takes the arguments of a call and returns the event's user and object."""


def recorded(
    use_case: UseCase,
    events: SecurityEvents,
    kind: SecurityEventKind,
    user_and_object: UserAndObject,
    *,
    succeeded: Callable[[Any], bool] = lambda _: True,
) -> UseCase:
    """Wrap a use case so that each call is recorded.

    An exception is a failure, except PermissionDenied, which is recorded where it is observed. `succeeded` judges
    the returned value.
    """

    def record(result: Result, args: Any, kwargs: Any) -> None:
        user, target = user_and_object(*args, **kwargs)
        events.record(SecurityEvent(kind, result, user, target))

    def returned(value: Any, args: Any, kwargs: Any) -> Any:
        record(Result.SUCCEEDED if succeeded(value) else Result.FAILED, args, kwargs)
        return value

    def raised(error: BaseException, args: Any, kwargs: Any) -> None:
        if not isinstance(error, PermissionDenied):
            record(Result.FAILED, args, kwargs)

    @wraps(type(use_case).__call__)
    async def call(*args: Any, **kwargs: Any) -> Any:
        try:
            value = await use_case(*args, **kwargs)
        except BaseException as error:
            raised(error, args, kwargs)
            raise
        return returned(value, args, kwargs)

    @wraps(type(use_case).__call__)
    def call_sync(*args: Any, **kwargs: Any) -> Any:
        try:
            value = use_case(*args, **kwargs)
        except BaseException as error:
            raised(error, args, kwargs)
            raise
        return returned(value, args, kwargs)

    function = use_case if inspect.isfunction(use_case) else type(use_case).__call__
    return cast(UseCase, call if inspect.iscoroutinefunction(function) else call_sync)


def recorded_log_in(log_in: UseCase, events: SecurityEvents) -> UseCase:
    """Wrap the login so that each attempt is recorded: as an authentication, or as a lockout."""

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
        except LoginNotRecorded as fault:
            record(SecurityEventKind.AUTHENTICATION, Result.FAILED)
            _log.error("no access was granted: %s", fault)
            raise
        record(SecurityEventKind.AUTHENTICATION, Result.SUCCEEDED)
        return actor

    return cast(UseCase, call)
