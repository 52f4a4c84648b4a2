"""Security events as log lines, and counted."""

from collections.abc import Callable
from weakref import WeakSet

from adapters.observability.current_request import current_scope, source_address
from adapters.observability.logging.logs import line_writer
from application.ports.access.security_events import Result, SecurityEvent, SecurityEventKind, SecurityEvents
from domain.access.user import PermissionDenied

_LONGEST = 200
"""Characters of a field: names that were typed may have any length."""
_DENIAL_RECORDED = "denial_recorded"


class LoggedSecurityEvents(SecurityEvents):
    """One line an event, `"event": "security"`; level "info" where it succeeded, else "warning"."""

    def __init__(self, count: Callable[[str, str], None] = lambda *_: None) -> None:
        self._count = count
        self._info, self._warning = line_writer("info"), line_writer("warning")
        self._denials: WeakSet[PermissionDenied] = WeakSet()

    def record(self, event: SecurityEvent) -> None:
        """Log the event and count it."""
        told = {
            "user": event.user,
            "source_address": event.source_address or source_address(),
            "object": event.object,
        }
        facts = {name: value[:_LONGEST] for name, value in told.items() if value}
        kind, result = event.kind.value, event.result.value
        self._count(kind, result)
        write = self._info if event.result is Result.SUCCEEDED else self._warning
        write("security", kind=kind, result=result, **facts)

    def denied(self, denial: PermissionDenied, user: str, use_case: str) -> None:
        """Record that a use case refused somebody; once, however many use cases it passes on its way out."""
        if denial in self._denials:
            return
        self._denials.add(denial)
        scope = current_scope()
        if scope is not None and scope["type"] == "http":
            scope["state"][_DENIAL_RECORDED] = True
        self.record(SecurityEvent(SecurityEventKind.AUTHORIZATION, Result.DENIED, user, use_case))

    def refused(self, status: int, *, request: str, user: str) -> None:
        """Record a request that was answered with status 401, or with 403 without any use case's denial."""
        scope = current_scope()
        if status == 401:
            kind, result = SecurityEventKind.AUTHENTICATION, Result.FAILED
        elif status == 403 and not (scope or {}).get("state", {}).get(_DENIAL_RECORDED):
            kind, result = SecurityEventKind.AUTHORIZATION, Result.DENIED
        else:
            return
        self.record(SecurityEvent(kind, result, user, request))
