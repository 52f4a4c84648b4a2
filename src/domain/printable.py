"""Texts that databases, metrics, logs, pages and terminals can show as they are."""

import re

_LONGEST = 100
TITLE = f"1 to {_LONGEST} printable characters"
_BLANK = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\u3164\ufe00-\ufe0f\uffa0\U000e0100-\U000e01ef]"
)
"""Characters that are invisible although `str.isprintable` accepts them."""


def is_title(text: str) -> bool:
    """Whether a text can be the name or the version of something."""
    return bool(text.strip()) and text.isprintable() and len(text) <= _LONGEST


def is_visible(text: str) -> bool:
    """Whether a text has no control, formatting or other invisible characters; an ordinary space is visible."""
    return text.isprintable() and (text.isascii() or _BLANK.search(text) is None)
