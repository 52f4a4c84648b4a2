"""Texts that people write about a referral case."""

from domain.cases.case_errors import InvalidCaseText

MAX_CASE_TEXT = 4000


def check_case_text(text: str, what: str) -> None:
    """Raise InvalidCaseText unless the text can be stored and shown; it may have several lines."""
    if not text.strip():
        raise InvalidCaseText(f"{what} is empty")
    if len(text) > MAX_CASE_TEXT:
        raise InvalidCaseText(f"{what} has {len(text):,} characters; at most {MAX_CASE_TEXT:,} are allowed")
    if not all(character.isprintable() or character in "\n\r\t" for character in text):
        raise InvalidCaseText(f"{what} has characters that cannot be shown, such as control characters")
