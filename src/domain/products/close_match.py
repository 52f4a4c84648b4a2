"""Suggestions for misspelled words."""

from collections.abc import Iterable
from difflib import SequenceMatcher, get_close_matches

_LONGEST = 60
"""Longer texts are not compared."""


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """A hint at the known word that is most similar; empty where no word or more than one is."""
    if len(word) > _LONGEST:
        return ""
    folded = {name.lower(): name for name in known}
    given = word.strip().lower()
    close = get_close_matches(given, folded, n=2)
    similarities = {SequenceMatcher(None, name, given).ratio() for name in close}
    if not close or len(similarities) < len(close):
        return ""
    return f"; did you mean {folded[close[0]]}?"
