"""Counts with their nouns."""


def counted(count: int, one: str, many: str) -> str:
    """Return a count with the singular or plural noun: 1 decision, 1,204 decisions."""
    return f"{count:,} {one if count == 1 else many}"
