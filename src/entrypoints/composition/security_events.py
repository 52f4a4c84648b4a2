"""Which use cases are security events, and how their calls are told; for every server and the command line."""

from collections.abc import Callable
from dataclasses import fields, replace
from functools import wraps
from typing import Any, TypeVar, cast
from uuid import UUID

from adapters.observability.logging.logs import configure_logging
from adapters.observability.logging.security_events import LoggedSecurityEvents
from adapters.observability.observability import Observability
from adapters.observability.wrappers.recorded_use_case import recorded
from application.ports.access.security_events import SecurityEventKind, SecurityEvents
from application.ports.batches.batches import BatchOutput
from application.use_cases.access.change_own_password import ChangeOwnPassword
from application.use_cases.audit.verify_audit_trail import VerifyAuditTrail
from application.use_cases.batches.batch_use_cases import BatchUseCases
from domain.access.user import Actor
from entrypoints.configuration.operating_system_user import operating_system_user
from entrypoints.configuration.settings import Settings

Act = TypeVar("Act", bound=Callable[..., Any])


def recorded_verification(verify: VerifyAuditTrail, events: SecurityEvents) -> VerifyAuditTrail:
    """Verifying the audit trail is an event; what is broken makes it a failure."""

    def facts(*, by: Actor, **_: Any) -> tuple[str, str]:
        return by.name, "audit trail"

    return recorded(
        verify, events, SecurityEventKind.AUDIT_VERIFIED, facts, succeeded=lambda found: not found.violation_count
    )


def recorded_password_change(change: ChangeOwnPassword, events: SecurityEvents) -> ChangeOwnPassword:
    """Changing one's own password is an event, whether or not it is changed."""

    def facts(name: str, *_: Any, **__: Any) -> tuple[str, str]:
        return name, name

    return recorded(change, events, SecurityEventKind.USER_PASSWORD_CHANGED, facts)


def recorded_batches(batches: BatchUseCases, observability: Observability) -> BatchUseCases:
    """Batches observed, and what is a security event of them recorded."""
    observed: dict[str, Any] = {
        each.name: observability.observe(getattr(batches, each.name), f"batches.{each.name}")
        for each in fields(batches)
    }
    events = observability.security_events
    for name, kind, facts in (
        ("output", SecurityEventKind.EXPORT, _output),
        ("cancel", SecurityEventKind.BATCH_CANCELLED, _batch),
        ("webhook_secret", SecurityEventKind.WEBHOOK_SECRET_READ, _caller),
    ):
        observed[name] = recorded(observed[name], events, kind, facts)
    return replace(batches, **observed)


def _output(batch_id: UUID, output: BatchOutput, *, by: Actor) -> tuple[str, str]:
    return by.name, f"batch {batch_id} {output.value}"


def _batch(batch_id: UUID, *, by: Actor) -> tuple[str, str]:
    return by.name, f"batch {batch_id}"


def _caller(*, by: Actor) -> tuple[str, str]:
    return by.name, by.name


def command_line_events(settings: Settings) -> SecurityEvents:
    """Events of this command, on standard error as the settings want log lines."""
    configure_logging(settings.log_level, settings.log_format)
    return LoggedSecurityEvents()


def recorded_command(kind: SecurityEventKind) -> Callable[[Act], Act]:
    """What is done to a user or a session at the command line is an event by the machine's account.

    For functions that take the settings, and the user's name or the session's identifier.
    """

    def facts(_: Settings, target: str | bytes, *__: Any, **___: Any) -> tuple[str, str]:
        return operating_system_user(), target.hex() if isinstance(target, bytes) else target

    def decorate(act: Act) -> Act:
        @wraps(act)
        async def call(settings: Settings, *args: Any, **kwargs: Any) -> Any:
            return await recorded(act, command_line_events(settings), kind, facts)(settings, *args, **kwargs)

        return cast(Act, call)

    return decorate
