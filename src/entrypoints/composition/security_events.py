"""Which use cases are security events, and what is recorded of their calls."""

from collections.abc import Callable
from dataclasses import fields, replace
from pathlib import Path
from typing import Any, TypeVar
from uuid import UUID

from adapters.observability.observability import Observability
from adapters.observability.wrappers.recorded_use_case import recorded
from application.ports.access.security_events import SecurityEventKind, SecurityEvents
from application.ports.batches.batches import BatchOutput
from application.use_cases.access.administer_users import UserAdministration
from application.use_cases.access.change_own_password import ChangeOwnPassword
from application.use_cases.audit.verify_audit_trail import VerifyAuditTrail
from application.use_cases.batches.batch_use_cases import BatchUseCases
from application.use_cases.webhooks.webhook_use_cases import WebhookUseCases
from domain.access.user import Actor
from domain.month import Month
from entrypoints.configuration.operating_system_user import operating_system_user

UseCase = TypeVar("UseCase", bound=Callable[..., Any])


def recorded_verification(verify: VerifyAuditTrail, events: SecurityEvents) -> VerifyAuditTrail:
    """The verification of the audit trail is an event, which failed where the trail has integrity errors."""

    def facts(*, by: Actor, **_: Any) -> tuple[str, str]:
        return by.name, "audit trail"

    return recorded(
        verify, events, SecurityEventKind.AUDIT_VERIFIED, facts, succeeded=lambda found: not found.violation_count
    )


def recorded_password_change(change: ChangeOwnPassword, events: SecurityEvents) -> ChangeOwnPassword:
    """An attempt to change one's own password is an event."""

    def facts(name: str, *_: Any, **__: Any) -> tuple[str, str]:
        return name, name

    return recorded(change, events, SecurityEventKind.USER_PASSWORD_CHANGED, facts)


def recorded_batches(batches: BatchUseCases, observability: Observability) -> BatchUseCases:
    """The use cases of batches, observed, with their security events recorded."""
    observed: dict[str, Any] = {
        each.name: observability.observe(getattr(batches, each.name), f"batches.{each.name}")
        for each in fields(batches)
    }
    events = observability.security_events
    for name, kind, facts in (
        ("output", SecurityEventKind.EXPORT, _output),
        ("cancel", SecurityEventKind.BATCH_CANCELLED, _batch),
    ):
        observed[name] = recorded(observed[name], events, kind, facts)
    return replace(batches, **observed)


def recorded_webhooks(webhooks: WebhookUseCases, observability: Observability) -> WebhookUseCases:
    """The use cases of webhooks, observed, with their security events recorded."""
    observed: dict[str, Any] = {
        each.name: observability.observe(getattr(webhooks, each.name), f"webhooks.{each.name}")
        for each in fields(webhooks)
    }
    events = observability.security_events
    observed["secret"] = recorded(observed["secret"], events, SecurityEventKind.WEBHOOK_SECRET_READ, _caller)
    return replace(webhooks, **observed)


def _output(batch_id: UUID, output: BatchOutput, *, by: Actor) -> tuple[str, str]:
    return by.name, f"batch {batch_id} {output.value}"


def _batch(batch_id: UUID, *, by: Actor) -> tuple[str, str]:
    return by.name, f"batch {batch_id}"


def _caller(*, by: Actor) -> tuple[str, str]:
    return by.name, by.name


def recorded_export(export: UseCase, events: SecurityEvents) -> UseCase:
    """A backup or an archive, whose arguments name what is exported and the folder, as an act of the operator."""

    def facts(*arguments: Any, **_: Any) -> tuple[str, str]:
        named = [str(each) for each in arguments if isinstance(each, Month | Path)]
        return operating_system_user(), " to ".join(named if len(named) > 1 else ["database", *named])

    return recorded(
        export, events, SecurityEventKind.EXPORT, facts, succeeded=lambda made: not getattr(made, "faults", ())
    )


def recorded_command(use_case: UseCase, events: SecurityEvents, kind: SecurityEventKind) -> UseCase:
    """A use case of the command line, recorded as an act of the operating-system user who runs the command.

    Its first argument is the object of the event: a user's name, or a session's identifier.
    """

    def facts(target: str | bytes, *_: Any, **__: Any) -> tuple[str, str]:
        return operating_system_user(), target.hex() if isinstance(target, bytes) else target

    return recorded(use_case, events, kind, facts)


def recorded_administration(
    administration: UserAdministration, observability: Observability
) -> UserAdministration:
    """The administration of users, observed, with its security events recorded."""
    observed: dict[str, Any] = {
        each.name: observability.observe(getattr(administration, each.name), f"users.{each.name}")
        for each in fields(administration)
    }
    events = observability.security_events
    for name, kind in (
        ("add", SecurityEventKind.USER_ADDED),
        ("change_role", SecurityEventKind.USER_ROLE_CHANGED),
        ("reset_password", SecurityEventKind.USER_PASSWORD_CHANGED),
        ("remove", SecurityEventKind.USER_REMOVED),
        ("end_sessions", SecurityEventKind.USER_SESSIONS_ENDED),
        ("unlock", SecurityEventKind.USER_UNLOCKED),
    ):
        observed[name] = recorded(observed[name], events, kind, _user)
    observed["end_session"] = recorded(
        observed["end_session"], events, SecurityEventKind.SESSION_ENDED, _web_session
    )
    return replace(administration, **observed)


def _user(name: str, *_: Any, by: Actor, **__: Any) -> tuple[str, str]:
    return by.name, name


def _web_session(_: str, session_id: bytes, *, by: Actor) -> tuple[str, str]:
    return by.name, session_id.hex()
