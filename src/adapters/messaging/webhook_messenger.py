"""Webhooks over HTTP."""

from datetime import datetime
from urllib.parse import urlsplit

import aiohttp

from adapters.messaging.public_addresses import AddressRefused, PublicResolver, check_public
from adapters.messaging.signatures import HEADER, RecipientSecrets, signature
from application.ports.batches.webhooks import Delivery, DeliveryFailed, Messenger

_PATIENCE = aiohttp.ClientTimeout(total=15, connect=5)


class WebhookMessenger(Messenger):
    """Posts the signed body; any answer of 2xx within fifteen seconds means that it has arrived.

    Redirects are not followed. Unless `anywhere`, only HTTPS to public addresses is called.
    """

    def __init__(self, secrets: RecipientSecrets, *, anywhere: bool = False) -> None:
        self._secrets = secrets
        self._anywhere = anywhere

    async def deliver(self, delivery: Delivery, *, at: datetime) -> None:
        """Each message has a connection of its own: they are few."""
        body = delivery.body.encode()
        headers = {
            "Content-Type": "application/json",
            "User-Agent": "credit-scoring",
            "Scoring-Delivery": str(delivery.delivery_id),
            HEADER: signature(self._secrets.secret_of(delivery.recipient), body, at=at),
        }
        try:
            self._check(delivery.url)
            connector = aiohttp.TCPConnector(resolver=None if self._anywhere else PublicResolver())
            async with (
                aiohttp.ClientSession(connector=connector, timeout=_PATIENCE, trust_env=False) as session,
                session.post(delivery.url, data=body, headers=headers, allow_redirects=False) as answer,
            ):
                status = answer.status
        except (aiohttp.ClientError, OSError, ValueError) as fault:
            raise DeliveryFailed(f"{type(fault).__name__}: {fault}"[:300]) from fault
        if not 200 <= status < 300:
            raise DeliveryFailed(f"it was answered with status {status}")

    def _check(self, url: str) -> None:
        """An address written out in numbers is never looked up, so it is looked at here."""
        parts = urlsplit(url)
        if self._anywhere:
            return
        if parts.scheme != "https":
            raise AddressRefused("only https:// is called")
        host = parts.hostname or ""
        try:
            check_public(host)
        except ValueError as fault:
            if host.rpartition(".")[2][:1].isdigit():  # 127.1, 0x7f.1, 2130706433: nobody looks them up
                raise AddressRefused(f"{host} is no address that is called") from fault
            # a name: the resolver sees to it
