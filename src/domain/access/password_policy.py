"""Which passwords people may choose: NIST SP 800-63B, section 3.1.1.2. Length counts, composition does not."""

import unicodedata
from collections.abc import Container
from dataclasses import dataclass
from itertools import pairwise

MIN_PASSWORD_LENGTH = 12
MAX_PASSWORD_LENGTH = 256
"""Characters; argon2 would take more, but nobody needs it."""

_SHORTEST_NAME = 4
"""A shorter user name occurs in too many passwords by accident."""
_FEWEST_SURPRISES = 5
_ROWS = ("1234567890", "qwertyuiop", "asdfghjkl", "zxcvbnm", "abcdefghijklmnopqrstuvwxyz")
_STEPS = frozenset(pair for row in _ROWS for line in (row, row[::-1]) for pair in pairwise(line))
_LOOK_ALIKES = str.maketrans("0134578@$!", "oieastbasi")


class PasswordNotAllowed(ValueError):
    """The password breaks the policy; the text says how, and never repeats the password."""


@dataclass(frozen=True, slots=True)
class PasswordPolicy:
    """What a person may choose; `common` holds passwords that attackers try first, in lower case."""

    common: Container[str]

    def check(self, password: str, *, name: str) -> None:
        """Return if the user of this name may have the password; raises PasswordNotAllowed."""
        plain = unicodedata.normalize("NFKC", password).casefold()
        if len(password) < MIN_PASSWORD_LENGTH:
            raise PasswordNotAllowed(
                f"a password has at least {MIN_PASSWORD_LENGTH} characters; use several words"
            )
        if len(password) > MAX_PASSWORD_LENGTH:
            raise PasswordNotAllowed(f"a password has at most {MAX_PASSWORD_LENGTH} characters")
        user = unicodedata.normalize("NFKC", name).casefold()
        if len(user) >= _SHORTEST_NAME and user in plain:
            raise PasswordNotAllowed("a password must not contain the user name")
        if _is_predictable(plain):
            raise PasswordNotAllowed("a password must not be a repetition or a sequence, such as 123456 or qwerty")
        if any(word in self.common for word in _variants(plain)):
            raise PasswordNotAllowed("this password, or one much like it, is among those that attackers try first")


def _is_predictable(password: str) -> bool:
    """Whether all but a few characters follow from those before: the same, the next, or the neighbouring key."""
    for length in range(1, min(MIN_PASSWORD_LENGTH, len(password) // 2 + 1)):
        if password == (password[:length] * len(password))[: len(password)]:
            return True
    surprises = 1 + sum(before != after and (before, after) not in _STEPS for before, after in pairwise(password))
    return surprises < _FEWEST_SURPRISES


def _variants(password: str) -> set[str]:
    """The password, and what is left of it without blanks, without what was put around it, without look-alikes."""
    joined = "".join(password.split())
    letters = joined.strip("0123456789!?.,;:-_+*#@$%&/()=")
    return {each for word in (password, joined, letters) for each in (word, word.translate(_LOOK_ALIKES))}
