"""The Redis client as the caches need it, and the health check of its server."""

import asyncio
from typing import TYPE_CHECKING

from application.ports.operations.dependencies import Dependency

if TYPE_CHECKING:
    from redis.asyncio import Redis

_MAX_CONNECTIONS = 16
_SOCKET_TIMEOUT_SECONDS = 1.0


async def open_client(url: str) -> "Redis":
    """A client for `redis://`, `rediss://` or `unix://` that connects when first used and never retries.

    Values are bytes. The library is imported here, on a thread: it takes a quarter of a second and 8 MB, and most
    processes never need it.
    """
    return await asyncio.to_thread(_client, url)


def _client(url: str) -> "Redis":
    from redis.asyncio import BlockingConnectionPool, Redis  # noqa: PLC0415 - imported on first use, see above
    from redis.asyncio.retry import Retry  # noqa: PLC0415
    from redis.backoff import NoBackoff  # noqa: PLC0415

    pool = BlockingConnectionPool.from_url(
        url,
        max_connections=_MAX_CONNECTIONS,
        retry=Retry(NoBackoff(), 0),
        socket_connect_timeout=_SOCKET_TIMEOUT_SECONDS,
        socket_timeout=_SOCKET_TIMEOUT_SECONDS,
        protocol=2,  # supported by every server of the last ten years
    )
    return Redis.from_pool(pool)


class RedisDependency(Dependency):
    """Whether the cache server accepts a new connection and answers a ping."""

    name = "cache"
    needed = False

    def __init__(self, url: str) -> None:
        self._url = url

    async def check(self) -> None:
        """Raise the client's error: refused, timed out, wrong password, or still loading."""
        async with await open_client(self._url) as client:
            await client.ping()
