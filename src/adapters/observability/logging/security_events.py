"""Security events as log lines and as a metric."""

from collections.abc import Callable
from weakref import WeakSet

import structlog

from adapters.observability.current_request import current_scope, source_address
from application.ports.access.security_events import Result, SecurityEvent, SecurityEventKind, SecurityEvents
from domain.access.user import PermissionDenied

_MAX_FIELD_CHARACTERS = 200
"""Typed user names may have any length."""
_DENIAL_RECORDED = "denial_recorded"


class LoggedSecurityEvents(SecurityEvents):
    """Writes one line per event, `"event": "security"`: level "info" where it succeeded, else "warning"."""

    def __init__(self, count: Callable[[str, str], None] = lambda *_: None) -> None:
        self._count = count
        self._log = structlog.get_logger().bind()
        self._denials: WeakSet[PermissionDenied] = WeakSet()

    def record(self, event: SecurityEvent) -> None:
        """Log the event and count it."""
        optional = {
            "user": event.user,
            "source_address": event.source_address or source_address(),
            "object": event.object,
        }
        fields = {name: value[:_MAX_FIELD_CHARACTERS] for name, value in optional.items() if value}
        kind, result = event.kind.value, event.result.value
        self._count(kind, result)
        write = self._log.info if event.result is Result.SUCCEEDED else self._log.warning
        write("security", kind=kind, result=result, **fields)

    def denied(self, denial: PermissionDenied, user: str, use_case: str) -> None:
        """Record that a use case denied permission; once per exception, even if it passes several use cases."""
        if denial in self._denials:
            return
        self._denials.add(denial)
        scope = current_scope()
        if scope is not None and scope["type"] == "http":
            scope["state"][_DENIAL_RECORDED] = True
        self.record(SecurityEvent(SecurityEventKind.AUTHORIZATION, Result.DENIED, user, use_case))

    def refused(self, status: int, *, request: str, user: str) -> None:
        """Record a response with status 401, or with 403 where no use case's denial was recorded."""
        scope = current_scope()
        if status == 401:
            kind, result = SecurityEventKind.AUTHENTICATION, Result.FAILED
        elif status == 403 and not (scope or {}).get("state", {}).get(_DENIAL_RECORDED):
            kind, result = SecurityEventKind.AUTHORIZATION, Result.DENIED
        else:
            return
        self.record(SecurityEvent(kind, result, user, request))
