"""Titles: short texts that databases, metrics, logs and terminals can show as they are."""

_LONGEST = 100
TITLE = f"1 to {_LONGEST} printable characters"


def is_title(text: str) -> bool:
    """Whether a text can be the name or the version of something."""
    return bool(text.strip()) and text.isprintable() and len(text) <= _LONGEST
