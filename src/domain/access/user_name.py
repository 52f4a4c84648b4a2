"""Which usernames are allowed."""

import re
import unicodedata

MAX_USERNAME_LENGTH = 100
OPERATING_SYSTEM_PREFIX = "os:"
"""Prefix of actors at the command line (`os:NAME`, an account of the operating system). No username has it."""
SERVICE_NAME = "system:service"
"""The service as the actor of what it does by itself."""
_RESERVED_PREFIXES = (OPERATING_SYSTEM_PREFIX, "system:")
_INVISIBLE = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\u3164\ufe00-\ufe0f\uffa0\U000e0100-\U000e01ef]"
)
"""Invisible characters that Python considers printable: Unicode's default ignorable ones, and blanks."""


class InvalidUsername(ValueError):
    """The username is not allowed. The message says what is."""


def normalized_username(name: str) -> str:
    """The username in Unicode form NFC (RFC 8265), because keyboards differ in how they compose é."""
    return unicodedata.normalize("NFC", name)


def validated_username(typed: str) -> str:
    """The normalized username; raises InvalidUsername."""
    name = normalized_username(typed)
    if not 1 <= len(name) <= MAX_USERNAME_LENGTH or not name.isprintable() or name != name.strip():
        raise InvalidUsername(
            f"a username has 1 to {MAX_USERNAME_LENGTH} visible characters and may not begin or end with a space"
        )
    if unicodedata.normalize("NFKC", name).casefold().startswith(_RESERVED_PREFIXES):
        raise InvalidUsername(
            f"a username may not begin with {' or '.join(_RESERVED_PREFIXES)}, which are reserved for accounts of "
            "the operating system and for the service"
        )
    if "/" in name or name in {".", ".."}:
        raise InvalidUsername(
            "a username may not contain / or be . or .., because it is part of the addresses under which the user "
            "is managed"
        )
    begins_with_accent = unicodedata.category(name[0]).startswith("M")
    if _INVISIBLE.search(name) or unicodedata.normalize("NFKC", name) != name or begins_with_accent:
        raise InvalidUsername(
            "a username may not contain invisible characters or variants of letters and digits, such as "
            "full-width ones, and may not begin with a combining accent"
        )
    return name
