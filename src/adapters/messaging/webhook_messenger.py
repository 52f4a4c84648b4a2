"""Webhooks over HTTP."""

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from datetime import datetime
from urllib.parse import urlsplit

import aiohttp

from adapters.messaging.public_addresses import AddressRefused, PublicResolver, check_public
from adapters.messaging.signatures import HEADER, RecipientSecrets, signature
from application.ports.webhooks.webhooks import Delivery, DeliveryFailed, Messenger

_TIMEOUT = aiohttp.ClientTimeout(total=15, connect=5)
_KEEP_SECONDS = 5.0
"""For so long an idle connection is kept."""


class WebhookMessenger(Messenger):
    """Posts the signed body; a 2xx response within 15 seconds counts as delivered.

    Redirects are not followed. Unless `allow_any_address`, only HTTPS to public addresses is used. `traceparent`
    returns the W3C traceparent of the task, which is sent along. With `keep_connections`, the next message to a
    receiver uses the connection of the last one, until `close`.
    """

    def __init__(
        self,
        secrets: RecipientSecrets,
        *,
        allow_any_address: bool = False,
        keep_connections: bool = False,
        traceparent: Callable[[], str | None] = lambda: None,
    ) -> None:
        self._secrets = secrets
        self._traceparent = traceparent
        self._allow_any_address = allow_any_address
        self._keep_connections = keep_connections
        self._kept: aiohttp.ClientSession | None = None

    async def close(self) -> None:
        """Close the connections that were kept."""
        if self._kept is not None:
            await self._kept.close()
            self._kept = None

    async def deliver(self, delivery: Delivery, *, at: datetime) -> None:
        """Post the message; once more on a new connection if the receiver has closed the kept one meanwhile."""
        body = delivery.body.encode()
        headers = {
            "Content-Type": "application/json",
            "User-Agent": "credit-scoring",
            "Scoring-Delivery": str(delivery.delivery_id),
            HEADER: signature(self._secrets.secret_of(delivery.recipient), body, at=at),
        }
        if (traceparent := self._traceparent()) is not None:
            headers["traceparent"] = traceparent
        try:
            self._check(delivery.url)
            async with self._session() as session:
                try:
                    status = await _post(session, delivery.url, body, headers)
                except (aiohttp.ServerDisconnectedError, ConnectionResetError):
                    if not self._keep_connections:
                        raise
                    status = await _post(session, delivery.url, body, headers)
        except (aiohttp.ClientError, OSError, ValueError) as error:
            raise DeliveryFailed(f"{type(error).__name__}: {error}"[:300]) from error
        if not 200 <= status < 300:
            raise DeliveryFailed(f"the response had status {status}")

    @asynccontextmanager
    async def _session(self) -> AsyncIterator[aiohttp.ClientSession]:
        if self._kept is not None:
            yield self._kept
            return
        connector = aiohttp.TCPConnector(
            resolver=None if self._allow_any_address else PublicResolver(), keepalive_timeout=_KEEP_SECONDS
        )
        session = aiohttp.ClientSession(
            connector=connector, timeout=_TIMEOUT, trust_env=False, cookie_jar=aiohttp.DummyCookieJar()
        )
        if self._keep_connections:
            self._kept = session
            yield session
        else:
            async with session:
                yield session

    def _check(self, url: str) -> None:
        """Check a numeric address, which is never resolved."""
        parts = urlsplit(url)
        if self._allow_any_address:
            return
        if parts.scheme != "https":
            raise AddressRefused("only https:// is allowed")
        host = parts.hostname or ""
        try:
            check_public(host)
        except ValueError as error:
            if host.rpartition(".")[2][:1].isdigit():  # 127.1, 0x7f.1, 2130706433 are never resolved
                raise AddressRefused(f"{host} is not an allowed address") from error
            # a name: PublicResolver checks its addresses


async def _post(session: aiohttp.ClientSession, url: str, body: bytes, headers: Mapping[str, str]) -> int:
    async with session.post(url, data=body, headers=headers, allow_redirects=False) as response:
        return response.status
