"""What the measurements print."""


def say(what: str, figure: str, goal: str = "") -> None:
    """One figure, beside what it is held against."""
    tell(f"{what:<58} {figure:>22}   {goal}")


def tell(line: str) -> None:
    """One line of the report."""
    print(line, flush=True)  # noqa: T201 - the report
