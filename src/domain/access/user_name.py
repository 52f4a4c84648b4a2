"""What users may be called."""

import unicodedata

LONGEST_NAME = 100
OPERATING_SYSTEM_PREFIX = "os:"
"""Begins the names of those who act at a machine's command line, and of no user."""


class NotAUserName(ValueError):
    """The text says what a name may be."""


def one_spelling(name: str) -> str:
    """One for all that look the same (RFC 8265): keyboards differ in how they put é together."""
    return unicodedata.normalize("NFC", name)


def usable_name(typed: str) -> str:
    """The name as it is kept and found; raises NotAUserName for one that nobody could log in with."""
    name = one_spelling(typed)
    if not 1 <= len(name) <= LONGEST_NAME or not name.isprintable() or name != name.strip():
        raise NotAUserName(
            f"a name has 1 to {LONGEST_NAME} visible characters; blanks may stand between them, "
            "not before or behind"
        )
    if unicodedata.normalize("NFKC", name).casefold().startswith(OPERATING_SYSTEM_PREFIX):
        raise NotAUserName(
            f"a name does not begin with {OPERATING_SYSTEM_PREFIX}, which stands for accounts of the machine "
            "that run commands; choose another"
        )
    return name
