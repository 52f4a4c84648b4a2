"""The strength of a secret key.

The holder of a token or a signed cookie can test guesses of the key offline, at the speed of computing HMACs.
Only a long random key resists that.
"""

from itertools import pairwise

SHORTEST = 32
FEWEST_DISTINCT = 10
_PLACEHOLDERS = (
    *("changeme", "changethis", "replaceme", "placeholder", "example", "yourkey", "default", "insecure"),
    *("checked", "dummy", "secret", "password", "passphrase", "letmein", "correcthorse", "qwerty", "asdfgh"),
    "scoring",
)
_HOW = "make one with `openssl rand -base64 48` or `python3 -c 'import secrets; print(secrets.token_urlsafe(48))'`"


class WeakSecret(ValueError):
    """The secret is easy to guess; the message does not repeat it."""


def check_secret(secret: str) -> None:
    """Raise WeakSecret where the secret is easy to guess."""
    if len(secret) < SHORTEST:
        raise _weak(f"must have at least {SHORTEST} characters, not {len(secret)}")
    if len(set(secret)) < FEWEST_DISTINCT:
        raise _weak(f"must have at least {FEWEST_DISTINCT} different characters, not {len(set(secret))}")
    if _repeats(secret):
        raise _weak("must not repeat the same text")
    if _counts_up_or_down(secret):
        raise _weak("must not be a sequence such as abcdef or 123456")
    letters = "".join(character for character in secret.casefold() if character.isalnum())
    if any(word in letters for word in _PLACEHOLDERS):
        raise _weak("must not be an example or a placeholder")


def _weak(why: str) -> WeakSecret:
    return WeakSecret(f"{why}; {_HOW}")


def _repeats(secret: str) -> bool:
    """Whether the text repeats one pattern, the last time perhaps incompletely."""
    return any(secret[period:] == secret[:-period] for period in range(1, len(secret) // 2 + 1))


def _counts_up_or_down(secret: str) -> bool:
    """Whether most characters differ by at most one from the previous, by code point."""
    steps = [abs(ord(after) - ord(before)) for before, after in pairwise(secret)]
    return 2 * sum(step <= 1 for step in steps) > len(steps)
