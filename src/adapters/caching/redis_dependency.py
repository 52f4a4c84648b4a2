"""The cache server as something the service stands on."""

from adapters.caching.redis_client import redis_client
from application.ports.operations.dependencies import Dependency


class RedisDependency(Dependency):
    """Whether the server of this address lets us in and answers a ping; on a connection of its own each time."""

    def __init__(self, url: str) -> None:
        self._url = url

    @property
    def name(self) -> str:
        """The cache."""
        return "cache"

    @property
    def needed(self) -> bool:
        """It is not: without it every prediction is made anew."""
        return False

    async def check(self) -> None:
        """Raise what the client raises: refused, timed out, wrong password, still loading."""
        async with redis_client(self._url) as client:
            await client.ping()
