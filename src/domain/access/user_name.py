"""What users may be called."""

import re
import unicodedata

MAX_USERNAME_LENGTH = 100
OPERATING_SYSTEM_PREFIX = "os:"
"""Begins the names of those who act at a machine's command line, and of no user."""
_INVISIBLE = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\u3164\ufe00-\ufe0f\uffa0\U000e0100-\U000e01ef]"
)
"""What Python calls printable and nobody sees: characters that Unicode calls default ignorable, and blanks."""


class InvalidUsername(ValueError):
    """The text says what a name may be."""


def normalized_username(name: str) -> str:
    """One for all that look the same (RFC 8265): keyboards differ in how they put é together."""
    return unicodedata.normalize("NFC", name)


def validated_username(typed: str) -> str:
    """The name as it is kept and found; raises InvalidUsername for one that nobody could log in with."""
    name = normalized_username(typed)
    if not 1 <= len(name) <= MAX_USERNAME_LENGTH or not name.isprintable() or name != name.strip():
        raise InvalidUsername(
            f"a name has 1 to {MAX_USERNAME_LENGTH} visible characters; blanks may stand between them, "
            "not before or behind"
        )
    if unicodedata.normalize("NFKC", name).casefold().startswith(OPERATING_SYSTEM_PREFIX):
        raise InvalidUsername(
            f"a name does not begin with {OPERATING_SYSTEM_PREFIX}, which stands for accounts of the machine "
            "that run commands; choose another"
        )
    begins_with_accent = unicodedata.category(name[0]).startswith("M")
    if _INVISIBLE.search(name) or unicodedata.normalize("NFKC", name) != name or begins_with_accent:
        raise InvalidUsername(
            "a name holds no invisible characters, no variants of letters and digits, such as full-width ones, "
            "and begins with no accent alone: others could not be told from it"
        )
    return name
