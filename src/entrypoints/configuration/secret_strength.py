"""Whether a secret key is long and varied enough not to be guessed.

A token or a signed cookie lets its holder test guesses of the key offline, as fast as they can compute HMACs:
only a random key withstands that.
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
    """The secret could be guessed; the message says why without repeating it."""


def check_secret(secret: str) -> None:
    """Return if the secret is strong enough; raises WeakSecret."""
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
    """Whether the text is one pattern over and over, the last time perhaps in part."""
    return any(secret[period:] == secret[:-period] for period in range(1, len(secret) // 2 + 1))


def _counts_up_or_down(secret: str) -> bool:
    """Whether most characters are neighbours, by their code, of the character before."""
    steps = [abs(ord(after) - ord(before)) for before, after in pairwise(secret)]
    return 2 * sum(step <= 1 for step in steps) > len(steps)
