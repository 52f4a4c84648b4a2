"""What runs once before the servers start: migrations, the first user, and a trial token."""

import asyncio
import logging
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta

from adapters.persistence.database.concurrent_indexes import build_missing_indexes
from adapters.persistence.database.migrations import migrate
from adapters.persistence.database.service_roles import grant_privileges
from adapters.scoring.bundles.bundle import load_champion
from adapters.security.passwords import generate_password
from application.operational_error import OperationalError
from application.ports.access.credentials import AccessToken, TokenSubject
from application.ports.access.security_events import Result, SecurityEvent, SecurityEventKind
from application.ports.models.version_not_archived import VersionNotArchived
from application.use_cases.access.manage_users import NameTaken
from application.use_cases.policies.read_policies import NoPolicyInForce
from domain.access.password_policy import PasswordNotAllowed
from domain.access.user import Actor, Role
from domain.audit.event import EventKind
from domain.policies.scoring_policy import ScoringPolicy
from entrypoints.composition.configured_product import configured_product
from entrypoints.composition.initial_policy import POLICY_OF_RELEASE_0_1, PolicyUnusable, initial_policy
from entrypoints.composition.processes.commands import CommandContainer, command_container
from entrypoints.configuration.operating_system_user import operating_system_user
from entrypoints.configuration.settings import Settings

_log = logging.getLogger(__name__)
FIRST_USER = "admin"
TRIAL_USER = "trial"
"""Added on the first start on a terminal, with a discarded password, for the example request that is printed."""
TRIAL_LIFETIME = timedelta(minutes=15)


class AdminPasswordNotAllowed(OperationalError):
    """The configured password of the first user breaks the password policy."""


@dataclass(frozen=True, slots=True)
class Preparation:
    """What the operator is shown at the start.

    `generated_password` is None unless one was just generated; `token` is None unless the user `trial` exists and
    the output is a terminal.
    """

    created_admin: bool
    generated_password: str | None
    token: str | None
    model_version: str
    policy_version: str


async def prepare_database(settings: Settings) -> tuple[bool, str | None]:
    """Migrate, and create the first user and put the built-in policy in force where there is none.

    Returns whether the user was created, and the password if it was generated; it must be changed at the first
    login. Raises AdminPasswordNotAllowed.
    """
    database_url = settings.database_url or ""
    await migrate(database_url)
    await build_missing_indexes(database_url)
    await grant_privileges(database_url)
    async with command_container(settings, statement_timeout=None) as container:
        await _create_partitions(container)
        await _activate_initial_policy(container)
        generated = None if settings.admin_password else generate_password()
        try:
            created = await container.create_first_user()(
                FIRST_USER,
                generated or settings.admin_password or "",
                by=operating_system_user(),
                must_change=generated is not None,
            )
        except PasswordNotAllowed as fault:
            raise AdminPasswordNotAllowed(f"SCORING_ADMIN_PASSWORD cannot be used: {fault}") from fault
        if created:
            _record(container, SecurityEventKind.USER_ADDED, FIRST_USER)
    return created, generated if created else None


async def check_schema(settings: Settings) -> None:
    """Raises DependencyUnavailable, or DatabaseNotMigrated if the schema is older than this release needs."""
    async with command_container(settings) as container:
        await container.database().check()


async def prepare_recording(settings: Settings) -> ScoringPolicy:
    """Prepare a database for decisions of this machine's model, and return the policy in force there.

    Raises BundleUnusable.
    """
    await migrate(settings.database_url or "")
    async with command_container(settings, statement_timeout=None) as container:
        container.bundle()  # which verifies the files that are archived
        await _create_partitions(container)
        await _activate_initial_policy(container)
        policy = await _read_policy(container)
        await container.bundles().archive(container.bundle().fingerprint, container.bundle_files())
        await container.products().archive(policy.product)
    return policy


async def policy_in_force(settings: Settings) -> ScoringPolicy:
    """The policy in force in a migrated database, or the one that will be when it is prepared."""
    async with command_container(settings) as container:
        await container.database().check()
        with suppress(NoPolicyInForce):
            return await _read_policy(container)
        return initial_policy(settings)


async def _read_policy(container: CommandContainer) -> ScoringPolicy:
    """The policy in force; raises PolicyUnusable and NoPolicyInForce."""
    try:
        return await container.command_use_cases().read_policy()
    except VersionNotArchived as fault:
        raise PolicyUnusable(fault) from fault


async def _activate_initial_policy(container: CommandContainer) -> None:
    if await container.policy_activations().last() is None:
        policy = initial_policy(container.settings())
        if container.settings().initial_policy is None:
            with suppress(VersionNotArchived):
                earlier = POLICY_OF_RELEASE_0_1
                policy = await container.policies().find(earlier.version, earlier.fingerprint, policy.product)
        await container.activate_initial_policy()(policy, by=operating_system_user())


async def _create_partitions(container: CommandContainer) -> None:
    """Create upcoming partitions; what fails is retried by the service."""
    try:
        await container.create_upcoming_partitions()()
    except OperationalError as fault:
        _log.warning("upcoming partitions not created yet, will retry: %s", fault)


def _record(container: CommandContainer, kind: SecurityEventKind, user: str) -> None:
    container.security_events().record(SecurityEvent(kind, Result.SUCCEEDED, operating_system_user(), user))


async def issue_access_token(container: CommandContainer, name: str, lifetime: timedelta) -> AccessToken | None:
    """Issue a token to a user without a password; None where there is no such user."""
    user = await container.users().find(name)
    if user is None:
        return None
    return container.tokens().issue(TokenSubject(user.name, user.generation), lifetime)


async def _trial_token(settings: Settings, *, first_start: bool) -> str | None:
    """A token of the user `trial`; None where the user was removed or never added."""
    async with command_container(settings) as container:
        if first_start:
            use_cases = container.command_use_cases()
            with suppress(NameTaken):  # by another process that started at the same moment
                await use_cases.add_user(
                    TRIAL_USER, Role.SERVICE, use_cases.generate_password(), by=operating_system_user()
                )
        issued = await issue_access_token(container, TRIAL_USER, TRIAL_LIFETIME)
        if issued is None:
            return None
        by = Actor(operating_system_user(), Role.ADMIN)
        await container.record_event()(EventKind.TOKEN_ISSUED, by=by, details={"user": TRIAL_USER})
        _record(container, SecurityEventKind.AUTHENTICATION, TRIAL_USER)
        return issued.token


def prepare(settings: Settings, *, on_terminal: bool) -> Preparation:
    """Prepare everything for the servers; raises BundleUnusable for a damaged model.

    A token is issued only where it is shown on a terminal: other output may be stored as a log.
    """
    bundle = load_champion(settings.model_dir, configured_product(settings))
    created, generated = asyncio.run(prepare_database(settings))
    return Preparation(
        created_admin=created,
        generated_password=generated,
        token=asyncio.run(_trial_token(settings, first_start=created)) if on_terminal else None,
        model_version=bundle.manifest.model_version,
        policy_version=asyncio.run(policy_in_force(settings)).version,
    )
