"""Output of the measurements."""


def print_figure(what: str, figure: str, target: str = "") -> None:
    """Print a figure next to its target."""
    print_line(f"{what:<58} {figure:>22}   {target}")


def print_line(line: str) -> None:
    """Print one line."""
    print(line, flush=True)  # noqa: T201 - the report
