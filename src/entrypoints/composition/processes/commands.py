"""The container of one command, and how a command runs."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any, TypeVar

from adapters.evidence import verify
from adapters.memory.login_attempts import MemoryLoginAttempts
from adapters.messaging.signatures import CHECKPOINTS
from adapters.persistence.database.connections import database_engine
from adapters.security.passwords import generate_password
from application.catalog import CommandUseCases
from application.operational_error import OperationalError
from application.ports.access.credentials import InvalidToken
from application.ports.access.security_events import Result, SecurityEvent, SecurityEventKind
from application.use_cases.access.change_own_password import ChangeOwnPassword
from application.use_cases.access.create_first_user import CreateFirstUser
from application.use_cases.access.log_in import IdentifyCaller, LogIn
from application.use_cases.access.manage_users import (
    AddUser,
    ChangePassword,
    ChangeRole,
    EndSessions,
    ListUsers,
    RemoveUser,
)
from application.use_cases.access.web_sessions import EndWebSession, ListWebSessions
from application.use_cases.audit.read_last_checkpoint import ReadLastCheckpoint
from application.use_cases.policies.activate_policy import ActivateInitialPolicy, ActivatePolicy
from application.use_cases.policies.read_policies import ListPolicyActivations, ReadPolicy
from application.use_cases.products.read_product_in_force import ReadProductInForce
from application.use_cases.webhooks.dead_letters import ListDeadLetters, RetryDeadLetter
from application.use_cases.webhooks.manage_subscriptions import (
    EndSubscription,
    ListSubscriptions,
    RetryUndelivered,
    SendTestEvent,
)
from domain.access.account import PasswordChangeRequired
from domain.access.user_name import normalized_username
from entrypoints.composition.configured_adapters import login_limits
from entrypoints.composition.container import Container
from entrypoints.composition.injection import Object, Singleton
from entrypoints.composition.processes.engines import engines_in_use_or_own
from entrypoints.composition.secrets import check_secret_key
from entrypoints.composition.security_events import recorded_command
from entrypoints.configuration.operating_system_user import operating_system_user
from entrypoints.configuration.settings import Settings

T = TypeVar("T")


def _recorded(kind: SecurityEventKind, use_case: type, *ports: Any) -> Any:
    return Singleton(recorded_command, Singleton(use_case, *ports), Container.security_events, kind)


class CommandContainer(Container):
    """The container with the use cases of the command line."""

    _users, _passwords, _new_event = Container.users, Container.passwords, Container.new_event
    # Attempts are not limited: an operator with access to the database need not guess a password.
    _attempts = Singleton(MemoryLoginAttempts, Singleton(login_limits, Container.settings), Container.clock)

    person: Any = Object(None)
    """The user whose token the command was given, as an `Actor`."""
    activate_initial_policy = Singleton(ActivateInitialPolicy, Container.policy_activations, _new_event)
    create_first_user = Singleton(CreateFirstUser, _users, _passwords, Container.password_policy, _new_event)
    command_use_cases = Singleton(
        CommandUseCases,
        person=person,
        generate_password=Object(generate_password),
        list_users=Singleton(ListUsers, _users),
        add_user=_recorded(SecurityEventKind.USER_ADDED, AddUser, _users, _passwords, _new_event),
        change_password=_recorded(
            SecurityEventKind.USER_PASSWORD_CHANGED, ChangePassword, _users, _passwords, _new_event
        ),
        change_own_password=_recorded(
            SecurityEventKind.USER_PASSWORD_CHANGED,
            ChangeOwnPassword,
            Singleton(LogIn, _users, _passwords, _attempts, Container.login_records),
            _users,
            _passwords,
            Container.password_policy,
            _new_event,
        ),
        change_role=_recorded(SecurityEventKind.USER_ROLE_CHANGED, ChangeRole, _users, _new_event),
        end_sessions=_recorded(SecurityEventKind.USER_SESSIONS_ENDED, EndSessions, _users, _new_event),
        remove_user=_recorded(SecurityEventKind.USER_REMOVED, RemoveUser, _users, _new_event),
        list_web_sessions=Singleton(
            ListWebSessions, Container.web_sessions, Container.directory, Container.clock, Container.session_idle
        ),
        end_web_session=_recorded(
            SecurityEventKind.SESSION_ENDED, EndWebSession, Container.web_sessions, _new_event
        ),
        list_dead_letters=Singleton(ListDeadLetters, Container.outbox),
        retry_dead_letter=Singleton(RetryDeadLetter, Container.outbox, Container.record_event),
        list_subscriptions=Singleton(ListSubscriptions, Container.webhook_subscriptions, of_everyone=True),
        end_subscription=Singleton(
            EndSubscription, Container.webhook_subscriptions, Container.clock, _new_event, of_everyone=True
        ),
        send_test_event=Singleton(
            SendTestEvent,
            Container.webhook_subscriptions,
            Container.clock,
            Container.identifiers,
            of_everyone=True,
        ),
        retry_undelivered=Singleton(
            RetryUndelivered, Container.webhook_subscriptions, _new_event, of_everyone=True
        ),
        verify_audit_trail=Container.verify_audit_trail,
        list_events=Container.list_events,
        list_verifications=Container.list_verifications,
        read_verification=Container.read_verification,
        export_evidence=Container.export_evidence,
        create_checkpoint=Container.create_checkpoint,
        read_last_checkpoint=Singleton(ReadLastCheckpoint, Container.checkpoints),
        reproduce=Container.reproduce,
        list_policy_activations=Singleton(ListPolicyActivations, Container.policy_activations),
        read_policy=Singleton(ReadPolicy, Container.policy_activations, Container.policies, Container.product),
        activate_policy=Singleton(ActivatePolicy, Container.policy_activations, _new_event),
        read_product_in_force=Singleton(ReadProductInForce, Container.product),
    )


@asynccontextmanager
async def command_container(
    settings: Settings, *, statement_timeout: float | None = 30.0, connections: int = 1, bulk: bool = False
) -> AsyncIterator[CommandContainer]:
    """A container with so many connections to the database of the settings, closed at the end."""
    container = CommandContainer(settings=settings, process="command")
    container.engine.override(
        Singleton(
            database_engine,
            settings.database_url or "",
            max_connections=connections,
            command_timeout=statement_timeout,
            bulk=bulk,
        )
    )
    container.access_engine.override(container.engine)
    container.audit_engine.override(container.engine)
    container.history_engine.override(container.engine)
    try:
        yield container
    finally:
        await container.engine().dispose()


class TokenNotAccepted(OperationalError):
    """The token of SCORING_TOKEN identifies no user, so nothing was done."""


async def identify_person(container: CommandContainer) -> None:
    """Make the user of SCORING_TOKEN the actor of the command's events; raises TokenNotAccepted."""
    token = container.settings().token
    if token is None:
        return
    try:
        actor = await IdentifyCaller(container.tokens(), container.directory()).current(token)
    except (InvalidToken, PasswordChangeRequired) as fault:
        raise TokenNotAccepted(
            f"the token of SCORING_TOKEN is not accepted ({fault}); nothing was done. Log in for a new one, or "
            "unset it to act as the account of the operating system"
        ) from fault
    container.acting_person.override(Object(actor.name))
    container.person.override(Object(actor))


def run_command(
    settings: Settings,
    action: Callable[[CommandUseCases], Awaitable[T]],
    *,
    migrate_first: bool = False,
    statement_timeout: float | None = 30.0,
    trusted_keys: tuple[bytes, ...] = (),
) -> T:
    """Run an action on the database of the settings, or on the embedded one, started where it is not running.

    `trusted_keys`, where given, replace the service's own. Raises DependencyUnavailable and NotMigrated.
    """

    async def run(addressed: Settings) -> T:
        if migrate_first:
            from adapters.persistence.database.migrations import migrate  # noqa: PLC0415 - slow to import

            await migrate(addressed.database_url or "")
        async with command_container(addressed, statement_timeout=statement_timeout) as container:
            await container.database().check()
            if trusted_keys:
                container.trusted_keys.override(Object(trusted_keys))
            await identify_person(container)
            try:
                return await action(container.command_use_cases())
            finally:
                await container.login_records().record_failures()

    with engines_in_use_or_own(settings, cache=False) as addressed:
        return asyncio.run(run(addressed))


def webhook_secret(settings: Settings, recipient: str) -> str:
    """Return the secret that signs a user's webhooks, and record that it was read; raises SecretKeyMissing."""
    check_secret_key(settings)
    container = Container(settings=settings, process="command")
    container.security_events().record(
        SecurityEvent(SecurityEventKind.WEBHOOK_SECRET_READ, Result.SUCCEEDED, operating_system_user(), recipient)
    )
    return container.recipient_secrets().secret_of(normalized_username(recipient))


def checkpoint_webhook_secret(settings: Settings) -> str:
    """Return the secret that signs the webhooks with checkpoints."""
    return Container(settings=settings, process="command").recipient_secrets().secret_of(CHECKPOINTS)


def evidence_verifier(arguments: list[str]) -> int:
    """Run the program that verifies exports of evidence; returns its exit code."""
    return verify.main(arguments)


def audit_public_key(settings: Settings) -> str:
    """Return the public key that verifies checkpoints, in hexadecimal."""
    return Container(settings=settings, process="command").signer().public_key.hex()
