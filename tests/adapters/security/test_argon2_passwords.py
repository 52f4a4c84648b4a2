"""Password hashes do not reveal passwords, and verification does not reveal which users exist."""

import statistics
import time

import pytest

from adapters.security.passwords import Argon2PasswordHasher, generate_password

PASSWORD = "correct horse battery staple"


@pytest.fixture
def passwords() -> Argon2PasswordHasher:
    return Argon2PasswordHasher(passes=1, memory_kib=64)


def test_only_the_right_password_matches_a_hash(passwords: Argon2PasswordHasher) -> None:
    password_hash = passwords.hash(PASSWORD)
    assert passwords.verify(PASSWORD, password_hash)
    assert not passwords.verify(PASSWORD + " ", password_hash)
    assert not passwords.verify("", password_hash)
    assert PASSWORD not in password_hash


def test_two_hashes_of_one_password_differ(passwords: Argon2PasswordHasher) -> None:
    assert passwords.hash(PASSWORD) != passwords.hash(PASSWORD)


def test_a_hash_with_older_parameters_still_verifies(passwords: Argon2PasswordHasher) -> None:
    older = Argon2PasswordHasher(passes=2, memory_kib=32).hash(PASSWORD)
    assert older.startswith("$argon2id$v=19$m=32,t=2,p=1$")
    assert passwords.verify(PASSWORD, older)


@pytest.mark.parametrize(
    "password_hash", [None, "", "plain text", "$argon2id$", "$2b$12$abcdefghijklmnopqrstuv", "é"]
)
def test_an_invalid_hash_matches_no_password(passwords: Argon2PasswordHasher, password_hash: str | None) -> None:
    assert not passwords.verify("", password_hash)
    assert not passwords.verify(PASSWORD, password_hash)


def test_verification_takes_as_long_for_an_unknown_user() -> None:
    passwords = Argon2PasswordHasher(passes=1, memory_kib=8 * 1024)
    known_hash = passwords.hash(PASSWORD)

    def duration(password_hash: str | None) -> float:
        start = time.perf_counter()
        passwords.verify("a wrong password", password_hash)
        return time.perf_counter() - start

    pairs = [(duration(known_hash), duration(None)) for _ in range(15)]
    ratio = statistics.median(unknown / known for known, unknown in pairs)
    assert 0.6 < ratio < 1.6


@pytest.mark.parametrize(
    "password", ["пароль и ещё пароль", "\ud800 a lone surrogate", "nul \x00 inside", "x" * 100_000]
)
def test_any_text_can_be_a_password(passwords: Argon2PasswordHasher, password: str) -> None:
    assert passwords.verify(password, passwords.hash(password))


def test_composed_and_decomposed_characters_are_the_same_password(passwords: Argon2PasswordHasher) -> None:
    assert passwords.verify("caf\u00e9 caf\u00e9 caf\u00e9", passwords.hash("cafe\u0301 cafe\u0301 cafe\u0301"))


def test_generated_passwords_are_long_readable_and_unique() -> None:
    generated = {generate_password() for _ in range(100)}
    assert len(generated) == 100
    assert all(len(password) == 23 and not set(password) & set("lo01 ") for password in generated)
