"""Names of users: whoever has one can log in with it, however it is typed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.access.user_name import LONGEST_NAME, NotAUserName, usable_name


@pytest.mark.parametrize(
    "name", ["marta", "Łukasz 🏦", "O'Neill, Ольга", "broker-portal@bank.example", "x", "x" * LONGEST_NAME, "张伟"]
)
def test_a_name_is_kept_as_typed(name: str) -> None:
    assert usable_name(name) == name


@pytest.mark.parametrize(
    "name",
    ["", " ", " marta", "marta ", "mar\tta", "marta\n", "a\0b", "\ud800", "a\u200bb", "a\u00a0b", "x" * 101],
)
def test_a_name_that_nobody_could_log_in_with_is_refused(name: str) -> None:
    with pytest.raises(NotAUserName, match="1 to 100 visible characters"):
        usable_name(name)


def test_names_that_look_the_same_are_the_same() -> None:
    assert usable_name("Jose\u0301") == usable_name("Jos\u00e9") == "Jos\u00e9"


@given(st.text(max_size=LONGEST_NAME + 5))
def test_what_is_usable_passes_both_doors_unchanged(typed: str) -> None:
    try:
        name = usable_name(typed)
    except NotAUserName:
        return
    assert name.isprintable()  # the token endpoint turns any other away
    assert name.strip() == name  # the log-in form strips
    assert usable_name(name) == name
