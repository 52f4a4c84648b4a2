"""How many of something, in words."""


def counted(count: int, one: str, many: str) -> str:
    """1 decision, 1,204 decisions."""
    return f"{count:,} {one if count == 1 else many}"
