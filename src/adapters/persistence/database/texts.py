"""Text as PostgreSQL can store it."""


def storable(text: str) -> str:
    """The text with characters replaced that PostgreSQL cannot store, which therefore match no row."""
    return text.replace("\0", "\ufffd").encode("utf-8", "replace").decode()
