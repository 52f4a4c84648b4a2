"""How many files and connections this process may have open at a time."""

import contextlib

MOST_OPEN_FILES = 65_536


def allow_many_connections() -> None:
    """Raise our limit as far as we may: a login shell gives 1 024, and idle connections would use them up."""
    try:
        import resource  # noqa: PLC0415 - Windows has no such limits
    except ImportError:
        return
    usual, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = MOST_OPEN_FILES if most == resource.RLIM_INFINITY else min(most, MOST_OPEN_FILES)
    if usual != resource.RLIM_INFINITY and usual < wanted:
        with contextlib.suppress(OSError, ValueError):  # macOS may allow less than it says
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, most))
