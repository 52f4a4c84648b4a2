"""Usernames that look like another on a page, in a log or in the audit trail are rejected."""

import pytest

from domain.access.user_name import InvalidUsername, validated_username

TWINS = {
    "a Hangul filler": "admin\u3164",
    "a half-width Hangul filler": "admin\uffa0",
    "a Hangul choseong filler": "ad\u115fmin",
    "a variation selector": "admin\ufe0f",
    "a supplementary variation selector": "admin\U000e0100",
    "a grapheme joiner": "adm\u034fin",
    "a Mongolian variation selector": "admin\u180b",
    "a Braille blank": "admin\u2800",
    "nothing to see": "\u2800",
    "full-width letters": "\uff41dmin",
    "mathematical letters": "\U0001d41adm\U0001d422n",
    "a ligature": "o\ufb03cer",
    "an accent alone": "\u0301x",
}


@pytest.mark.parametrize("name", TWINS.values(), ids=TWINS)
def test_a_username_that_looks_like_another_is_rejected(name: str) -> None:
    with pytest.raises(InvalidUsername, match="invisible characters"):
        validated_username(name)
