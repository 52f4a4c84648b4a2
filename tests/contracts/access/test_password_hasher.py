"""The contract of password hashers."""

import pytest

from adapters.security.passwords import Argon2PasswordHasher
from adapters.system import SystemClock, TimeOrderedIdentifiers
from application.ports.access.credentials import PasswordHasher
from application.use_cases.access.create_first_user import CreateFirstUser
from application.use_cases.audit.event_factory import EventFactory
from domain.access.password_policy import PasswordNotAllowed, PasswordPolicy
from domain.access.user import Role
from support.memory.decisions import MemoryDecisions
from support.memory.users import MemoryUsers


@pytest.fixture
def hasher() -> PasswordHasher:
    return Argon2PasswordHasher(passes=1, memory_kib=64)


def test_a_password_matches_only_its_own_hash(hasher: PasswordHasher) -> None:
    hashed = hasher.hash("correct horse")
    assert hasher.verify("correct horse", hashed)
    assert not hasher.verify("Correct horse", hashed)
    assert not hasher.verify("correct horse", None)


def test_two_hashes_of_the_same_password_differ(hasher: PasswordHasher) -> None:
    assert hasher.hash("correct horse") != hasher.hash("correct horse")
    assert "correct horse" not in hasher.hash("correct horse")


async def test_only_the_first_user_is_created_and_only_with_an_allowed_password(
    hasher: PasswordHasher,
) -> None:
    users = MemoryUsers(MemoryDecisions())
    create = CreateFirstUser(
        users, hasher, PasswordPolicy(common=()), EventFactory(SystemClock(), TimeOrderedIdentifiers())
    )
    with pytest.raises(PasswordNotAllowed):
        await create("admin", "short", by="os:ada")
    assert await create("admin", "long enough for all", by="os:ada")
    assert not await create("other", "long enough for all", by="os:ada")
    admin = await users.find("admin")
    assert admin is not None
    assert admin.role is Role.ADMIN
    assert await users.find("other") is None
