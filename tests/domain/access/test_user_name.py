"""Usernames can log in in any Unicode form."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.access.user_name import MAX_USERNAME_LENGTH, InvalidUsername, validated_username


@pytest.mark.parametrize(
    "name",
    ["marta", "Łukasz 🏦", "O'Neill, Ольга", "broker-portal@bank.example", "x", "x" * MAX_USERNAME_LENGTH, "张伟"],
)
def test_a_username_is_stored_as_typed(name: str) -> None:
    assert validated_username(name) == name


@pytest.mark.parametrize(
    "name",
    ["", " ", " marta", "marta ", "mar\tta", "marta\n", "a\0b", "\ud800", "a\u200bb", "a\u00a0b", "x" * 101],
)
def test_a_username_that_cannot_log_in_is_refused(name: str) -> None:
    with pytest.raises(InvalidUsername, match="1 to 100 visible characters"):
        validated_username(name)


@pytest.mark.parametrize("name", [".", "..", "/", "a/b", "bank.example/portal", "../admin"])
def test_a_username_that_has_no_address_of_its_own_is_refused(name: str) -> None:
    with pytest.raises(InvalidUsername, match="may not contain /"):
        validated_username(name)


def test_names_that_look_the_same_are_the_same() -> None:
    assert validated_username("Jose\u0301") == validated_username("Jos\u00e9") == "Jos\u00e9"


@given(st.text(max_size=MAX_USERNAME_LENGTH + 5))
def test_a_valid_username_is_accepted_unchanged_everywhere(typed: str) -> None:
    try:
        name = validated_username(typed)
    except InvalidUsername:
        return
    assert name.isprintable()  # the token endpoint rejects any other
    assert name.strip() == name  # the log-in form strips
    assert validated_username(name) == name
