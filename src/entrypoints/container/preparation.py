"""What is done once before the faces start: the database's form, the first user, a token to try things with."""

import asyncio
from dataclasses import dataclass
from datetime import timedelta

from adapters.persistence.connections import reading_engine
from adapters.persistence.migrations import migrate
from adapters.persistence.service_role import grant_to_service
from adapters.persistence.users import PostgresUsers
from adapters.scoring.bundle import load_bundle
from adapters.security.passwords import Argon2PasswordHasher, generate_password
from adapters.system import SystemClock
from application.use_cases.create_first_user import CreateFirstUser
from domain.access.user import Actor, Role
from domain.policy.version_1 import POLICY_1
from entrypoints.container.months import make_months_ahead
from entrypoints.container.secrets import access_tokens
from entrypoints.settings import Settings

FIRST_USER = "admin"
_TRIAL = timedelta(hours=12)
_WHO_TRIES = Actor("trial", Role.SERVICE)
"""Whose the printed token is: it may end up in a log, so it opens no more than a first decision takes."""


@dataclass(frozen=True, slots=True)
class Preparation:
    """What the operator should be told. `generated_password` is None unless one was made just now."""

    created_admin: bool
    generated_password: str | None
    token: str
    model_version: str
    policy_version: str


async def prepare_database(settings: Settings) -> tuple[bool, str | None]:
    """Migrate, and create the first user where there is none: whether it was, and its password if generated."""
    database_url = settings.database_url or ""
    await migrate(database_url)
    await grant_to_service(database_url)
    await make_months_ahead(database_url)
    engine = reading_engine(database_url, most_connections=1)
    try:
        password = settings.admin_password or generate_password()
        created = await CreateFirstUser(PostgresUsers(engine), Argon2PasswordHasher())(FIRST_USER, password)
        return created, password if created and not settings.admin_password else None
    finally:
        await engine.dispose()


def prepare(settings: Settings) -> Preparation:
    """Make everything ready for the faces; a damaged model bundle is found out here, before anything starts."""
    bundle = load_bundle(settings.model_dir)
    created, generated = asyncio.run(prepare_database(settings))
    tokens = access_tokens(settings, SystemClock())
    return Preparation(
        created_admin=created,
        generated_password=generated,
        token=tokens.issue(_WHO_TRIES, _TRIAL).token,
        model_version=bundle.manifest.model_version,
        policy_version=POLICY_1.version,
    )
