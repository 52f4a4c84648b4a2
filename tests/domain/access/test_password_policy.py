"""Which passwords are allowed."""

import pytest

from adapters.security.common_passwords import CommonPasswords
from adapters.security.passwords import generate_password
from domain.access.password_policy import MAX_PASSWORD_LENGTH, PasswordNotAllowed, PasswordPolicy

POLICY = PasswordPolicy(CommonPasswords())


@pytest.mark.parametrize(
    "password",
    [
        "correct horse battery staple",
        "a meadow of seven lamps",
        "Grüße aus dem Süden",
        "паролькоторыйникто",
        "vX9#qLm2!tRz",
        "x" * 4 + " marks the spot, twice",
        "a meadow of seven lamps " * 10,
    ],
)
def test_long_and_unusual_passwords_are_allowed_without_composition_rules(password: str) -> None:
    POLICY.check(password, name="marta")


def test_invented_passwords_are_allowed() -> None:
    for _ in range(200):
        POLICY.check(generate_password(), name="marta")


@pytest.mark.parametrize(
    ("password", "why"),
    [
        ("", "at least 12 characters"),
        ("eleven char", "at least 12 characters"),
        ("a meadow of seven lamps " * 11, f"at most {MAX_PASSWORD_LENGTH} characters"),
        ("password1234", "is a common password"),
        ("Password1234!", "is a common password"),
        ("P@ssw0rd2026!!", "is a common password"),
        ("1qaz2wsx3edc", "is a common password"),
        ("butterfly2024", "is a common password"),
        ("i l o v e y o u", "is a common password"),
        ("123456789012", "repetition or a sequence"),
        ("abcdefghijklmnop", "repetition or a sequence"),
        ("qwertyuiop123", "repetition or a sequence"),
        ("zyxwvutsrqponm", "repetition or a sequence"),
        ("aaaaaaaaaaaaaaaa", "repetition or a sequence"),
        ("abc1abc1abc1abc1", "repetition or a sequence"),
        ("lampslampslamps", "repetition or a sequence"),
        ("marta in the meadow", "the username"),
        ("MARTA IN THE MEADOW", "the username"),
    ],
)
def test_common_passwords_are_refused_with_the_reason_and_not_repeated(password: str, why: str) -> None:
    with pytest.raises(PasswordNotAllowed, match=why) as refused:
        POLICY.check(password, name="marta")
    assert not password or password not in str(refused.value)


def test_a_short_user_name_may_occur() -> None:
    POLICY.check("a meadow of seven lamps", name="me")


def test_only_whole_common_passwords_are_found() -> None:
    common = CommonPasswords()
    assert "password" in common
    assert "trustno1" in common
    for other in ("", "xpasswor", "password\n123456", "correct horse battery staple", 12):
        assert other not in common
