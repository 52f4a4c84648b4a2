"""Webhooks over HTTP."""

from collections.abc import Callable
from datetime import datetime
from urllib.parse import urlsplit

import aiohttp

from adapters.messaging.public_addresses import AddressRefused, PublicResolver, check_public
from adapters.messaging.signatures import HEADER, RecipientSecrets, signature
from application.ports.webhooks.webhooks import Delivery, DeliveryFailed, Messenger

_TIMEOUT = aiohttp.ClientTimeout(total=15, connect=5)


class WebhookMessenger(Messenger):
    """Posts the signed body; a 2xx response within 15 seconds counts as delivered.

    Redirects are not followed. Unless `allow_any_address`, only HTTPS to public addresses is used. `traceparent`
    returns the W3C traceparent of the task, which is sent along.
    """

    def __init__(
        self,
        secrets: RecipientSecrets,
        *,
        allow_any_address: bool = False,
        traceparent: Callable[[], str | None] = lambda: None,
    ) -> None:
        self._secrets = secrets
        self._traceparent = traceparent
        self._allow_any_address = allow_any_address

    async def deliver(self, delivery: Delivery, *, at: datetime) -> None:
        """Post the message on a new connection; messages are rare."""
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
            connector = aiohttp.TCPConnector(resolver=None if self._allow_any_address else PublicResolver())
            async with (
                aiohttp.ClientSession(connector=connector, timeout=_TIMEOUT, trust_env=False) as session,
                session.post(delivery.url, data=body, headers=headers, allow_redirects=False) as response,
            ):
                status = response.status
        except (aiohttp.ClientError, OSError, ValueError) as error:
            raise DeliveryFailed(f"{type(error).__name__}: {error}"[:300]) from error
        if not 200 <= status < 300:
            raise DeliveryFailed(f"the response had status {status}")

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
