"""A warning, once, where a process of the service has more rights in the database than it needs."""

import logging
from collections.abc import Awaitable, Callable

_log = logging.getLogger(__name__)
CHECKING_RIGHTS = "checking the rights in the database"
"""The name of the periodic task."""


class WarnOfExcessRights:
    """The periodic task; done once, it rests. `role` is the one that the process should have."""

    def __init__(self, excess: Callable[[], Awaitable[str | None]], role: str) -> None:
        self._excess = excess
        self._role = role
        self._done = False

    async def __call__(self, last: bool = False) -> None:  # noqa: ARG002 - as periodic tasks are called
        """Log a warning with what to do; raises DependencyUnavailable."""
        if self._done:
            return
        excess = await self._excess()
        if excess is not None:
            _log.warning(
                "the login of SCORING_DATABASE_URL is %s: whoever takes over this process can change what is on "
                "record. Give it the address of a login in the role %s, which `scoring migrate` makes: "
                "CREATE ROLE name LOGIN PASSWORD '...' IN ROLE %s",
                excess,
                self._role,
                self._role,
            )
        self._done = True
