"""Which passwords are allowed (NIST SP 800-63B, section 3.1.1.2): length matters, composition does not."""

import unicodedata
from collections.abc import Container
from dataclasses import dataclass
from itertools import pairwise

MIN_PASSWORD_LENGTH = 12
MAX_PASSWORD_LENGTH = 256
"""In characters. Argon2 accepts more, but no one needs it."""

_MIN_NAME_LENGTH = 4
"""Shorter usernames occur in too many passwords by accident."""
_MIN_UNPREDICTABLE = 5
_SEQUENCES = ("1234567890", "qwertyuiop", "asdfghjkl", "zxcvbnm", "abcdefghijklmnopqrstuvwxyz")
_NEIGHBORS = frozenset(pair for row in _SEQUENCES for sequence in (row, row[::-1]) for pair in pairwise(sequence))
_SUBSTITUTIONS = str.maketrans("0134578@$!", "oieastbasi")


class PasswordNotAllowed(ValueError):
    """The password violates the policy. The message says how and never contains the password."""


@dataclass(frozen=True, slots=True)
class PasswordPolicy:
    """The password policy; `common` holds common passwords in lower case."""

    common: Container[str]

    def check(self, password: str, *, name: str) -> None:
        """Raise PasswordNotAllowed unless the user of this name may have the password."""
        plain = unicodedata.normalize("NFKC", password).casefold()
        if len(password) < MIN_PASSWORD_LENGTH:
            raise PasswordNotAllowed(
                f"a password must have at least {MIN_PASSWORD_LENGTH} characters; use several words"
            )
        if len(password) > MAX_PASSWORD_LENGTH:
            raise PasswordNotAllowed(f"a password must have at most {MAX_PASSWORD_LENGTH} characters")
        user = unicodedata.normalize("NFKC", name).casefold()
        if len(user) >= _MIN_NAME_LENGTH and user in plain:
            raise PasswordNotAllowed("a password must not contain the username")
        if _is_predictable(plain):
            raise PasswordNotAllowed("a password must not be a repetition or a sequence, such as 123456 or qwerty")
        if any(word in self.common for word in _variants(plain)):
            raise PasswordNotAllowed("this password, or one very similar, is a common password")


def _is_predictable(password: str) -> bool:
    """Whether all but a few characters repeat or continue a sequence of letters, digits or neighboring keys."""
    for length in range(1, min(MIN_PASSWORD_LENGTH, len(password) // 2 + 1)):
        if password == (password[:length] * len(password))[: len(password)]:
            return True
    unpredictable = 1 + sum(a != b and (a, b) not in _NEIGHBORS for a, b in pairwise(password))
    return unpredictable < _MIN_UNPREDICTABLE


def _variants(password: str) -> set[str]:
    """The password, also without spaces, without digits and punctuation around it, and without substitutions."""
    joined = "".join(password.split())
    letters = joined.strip("0123456789!?.,;:-_+*#@$%&/()=")
    return {each for word in (password, joined, letters) for each in (word, word.translate(_SUBSTITUTIONS))}
