"""What is done once before the servers start: migrations, the first user, and a token to try things with."""

import asyncio
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta

from adapters.persistence.access.users import PostgresUsers
from adapters.persistence.database.connections import database_engine
from adapters.persistence.database.migrations import migrate
from adapters.persistence.database.service_roles import grant_privileges
from adapters.scoring.bundles.bundle import load_bundle
from adapters.security.common_passwords import CommonPasswords
from adapters.security.passwords import Argon2PasswordHasher, generate_password
from adapters.system import SystemClock, TimeOrderedIdentifiers
from application.operational_error import OperationalError
from application.ports.access.security_events import Result, SecurityEvent, SecurityEventKind
from application.use_cases.access.create_first_user import CreateFirstUser
from application.use_cases.access.manage_users import NameTaken
from application.use_cases.audit.event_factory import EventFactory
from domain.access.password_policy import PasswordNotAllowed, PasswordPolicy
from domain.access.user import Role
from domain.policies.version_1 import POLICY_1
from entrypoints.composition import people
from entrypoints.composition.months import create_upcoming_partitions
from entrypoints.composition.security_events import command_line_events
from entrypoints.configuration.operating_system_user import operating_system_user
from entrypoints.configuration.settings import Settings

FIRST_USER = "admin"
TRIAL_USER = "trial"
"""Made on the first start on a terminal, with a password that nobody knows, for the request that is printed."""
TRIAL_LIFETIME = timedelta(minutes=15)


class AdminPasswordNotAllowed(OperationalError):
    """The password set for the first user breaks the policy."""


@dataclass(frozen=True, slots=True)
class Preparation:
    """What the operator should be told.

    `generated_password` is None unless one was made just now; `token` is None unless the user `trial` exists and
    the output is a terminal.
    """

    created_admin: bool
    generated_password: str | None
    token: str | None
    model_version: str
    policy_version: str


async def prepare_database(settings: Settings) -> tuple[bool, str | None]:
    """Migrate, and create the first user where there is none: whether it was, and its password if generated.

    A generated password must be changed at the first log-in. Raises AdminPasswordNotAllowed.
    """
    database_url = settings.database_url or ""
    await migrate(database_url)
    await grant_privileges(database_url)
    await create_upcoming_partitions(database_url)
    generated = None if settings.admin_password else generate_password()
    engine = database_engine(database_url, max_connections=1)
    try:
        create = CreateFirstUser(
            PostgresUsers(engine),
            Argon2PasswordHasher(),
            PasswordPolicy(CommonPasswords()),
            EventFactory(SystemClock(), TimeOrderedIdentifiers()),
        )
        password, by = generated or settings.admin_password or "", operating_system_user()
        created = await create(FIRST_USER, password, by=by, must_change=generated is not None)
    except PasswordNotAllowed as fault:
        raise AdminPasswordNotAllowed(f"SCORING_ADMIN_PASSWORD cannot be used: {fault}") from fault
    finally:
        await engine.dispose()
    if created:
        _record(settings, SecurityEventKind.USER_ADDED, FIRST_USER)
    return created, generated if created else None


def _record(settings: Settings, kind: SecurityEventKind, user: str) -> None:
    event = SecurityEvent(kind, Result.SUCCEEDED, operating_system_user(), user)
    command_line_events(settings).record(event)


async def _trial_token(settings: Settings, *, first_start: bool) -> str | None:
    """A token that is good for minutes; None where the user `trial` was removed or never made."""
    if first_start:
        with suppress(NameTaken):  # by who started the service at the same moment
            await people.add_user(settings, TRIAL_USER, Role.SERVICE)
    issued = await people.issue_access_token(settings, TRIAL_USER, TRIAL_LIFETIME)
    if issued is None:
        return None
    _record(settings, SecurityEventKind.AUTHENTICATION, TRIAL_USER)
    return issued.token


def prepare(settings: Settings, *, on_terminal: bool) -> Preparation:
    """Make everything ready for the servers; a damaged model bundle is found out here, before anything starts.

    A token is made only where it is shown `on_terminal`: elsewhere the output may be kept as a log.
    """
    bundle = load_bundle(settings.model_dir)
    created, generated = asyncio.run(prepare_database(settings))
    return Preparation(
        created_admin=created,
        generated_password=generated,
        token=asyncio.run(_trial_token(settings, first_start=created)) if on_terminal else None,
        model_version=bundle.manifest.model_version,
        policy_version=POLICY_1.version,
    )
