"""The Redis client as the cache wants it: fails at once and leaves trying again to its callers."""

from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

CONNECTING_SECONDS = 1.0


def redis_client(url: str) -> Redis:
    """A client for `redis://`, `rediss://` or `unix://`; connects when first used, at any later loss anew.

    One connection serves reads and one writes. Values are bytes.
    """
    return Redis.from_url(
        url,
        retry=Retry(NoBackoff(), 0),
        socket_connect_timeout=CONNECTING_SECONDS,
        socket_timeout=CONNECTING_SECONDS,
        protocol=2,  # the only one every server of the last ten years speaks
    )
