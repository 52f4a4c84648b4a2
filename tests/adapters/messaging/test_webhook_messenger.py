"""Webhooks over real sockets: receivers can verify signatures, and private addresses are never contacted."""

import asyncio
import hmac
from collections.abc import AsyncIterator
from typing import Any
from uuid import uuid4

import pytest
from aiohttp import web

from adapters.messaging.public_addresses import AddressRefused, PublicResolver, check_public
from adapters.messaging.signatures import RecipientSecrets
from adapters.messaging.webhook_messenger import WebhookMessenger
from application.ports.webhooks.webhooks import Delivery, DeliveryFailed
from support.builders import A_MOMENT

SECRETS = RecipientSecrets(b"k" * 32)
UNRESTRICTED = WebhookMessenger(SECRETS, allow_any_address=True)


class Receiver:
    """A receiver on this machine."""

    def __init__(self) -> None:
        self.status = 200
        self.url = ""
        self.received: list[tuple[dict[str, str], bytes]] = []
        self.connections: list[Any] = []

    async def receive(self, request: web.Request) -> web.Response:
        self.received.append((dict(request.headers), await request.read()))
        self.connections.append(request.transport)
        headers = {"Location": self.url + "elsewhere"} if self.status == 302 else {}
        return web.Response(status=self.status, headers=headers)


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    receiver = Receiver()
    app = web.Application()
    app.router.add_post("/{rest:.*}", receiver.receive)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    receiver.url = f"http://127.0.0.1:{runner.addresses[0][1]}/"
    yield receiver
    await runner.cleanup()


def a_delivery(url: str) -> Delivery:
    return Delivery(uuid4(), uuid4(), "broker-portal", url, "batch.done", '{"event":"batch.done"}', A_MOMENT)


async def test_the_receiver_can_verify_a_messages_signature(receiver: Receiver) -> None:
    delivery = a_delivery(receiver.url)
    await UNRESTRICTED.deliver(delivery, at=A_MOMENT)
    ((headers, body),) = receiver.received
    assert body == delivery.body.encode()
    assert headers["Scoring-Delivery"] == str(delivery.delivery_id)
    timestamp, signature = (part.partition("=")[2] for part in headers["Scoring-Signature"].split(","))
    assert int(timestamp) == int(A_MOMENT.timestamp())
    secret = SECRETS.secret_of("broker-portal").encode()
    assert signature == hmac.new(secret, f"{timestamp}.".encode() + body, "sha256").hexdigest()


def test_each_recipient_has_its_own_constant_secret() -> None:
    assert SECRETS.secret_of("a") == RecipientSecrets(b"k" * 32).secret_of("a")
    assert len({SECRETS.secret_of("a"), SECRETS.secret_of("b"), RecipientSecrets(b"x" * 32).secret_of("a")}) == 3


@pytest.mark.parametrize("status", [302, 404, 500])
async def test_a_response_other_than_2xx_is_a_failure(receiver: Receiver, status: int) -> None:
    receiver.status = status
    with pytest.raises(DeliveryFailed, match=str(status)):
        await UNRESTRICTED.deliver(a_delivery(receiver.url), at=A_MOMENT)
    assert len(receiver.received) == 1  # a redirect is not followed


async def test_an_unreachable_receiver_is_a_failure(receiver: Receiver) -> None:
    with pytest.raises(DeliveryFailed, match="ClientConnector"):
        await UNRESTRICTED.deliver(a_delivery("http://127.0.0.1:1/"), at=A_MOMENT)


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "localhost",
        "0x7f.1",
        "2130706433",
        "127.1",
        "0",
        "[::1]",
        "[::127.0.0.1]",
        "[::ffff:0:127.0.0.1]",
        "[fec0::1]",
        "[::ffff:127.0.0.1]",
        "10.1.2.3",
        "169.254.169.254",
    ],
)
async def test_private_addresses_are_never_contacted(host: str) -> None:
    """No connection is opened, except where any address is allowed."""
    connections: list[object] = []

    async def hang_up(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connections.append(writer)
        writer.close()

    async with await asyncio.start_server(hang_up, host="localhost", port=0) as server:
        (port, *_) = {each.getsockname()[1] for each in server.sockets}
        with pytest.raises(DeliveryFailed):
            await WebhookMessenger(SECRETS).deliver(a_delivery(f"https://{host}:{port}/"), at=A_MOMENT)
        with pytest.raises(DeliveryFailed, match="only https"):
            await WebhookMessenger(SECRETS).deliver(a_delivery(f"http://{host}:{port}/"), at=A_MOMENT)
        assert connections == []
        if host in {"127.0.0.1", "localhost"}:
            with pytest.raises(DeliveryFailed):
                await UNRESTRICTED.deliver(a_delivery(f"https://{host}:{port}/"), at=A_MOMENT)
            assert connections


@pytest.mark.parametrize(
    "address",
    [
        "0.0.0.0",  # noqa: S104 - compared, not listened on
        "192.168.0.1",
        "100.64.0.1",
        "224.0.0.1",
        "::",
        "fe80::1%eth0",
        "fd00::1",
        "2002:7f00:1::",
        "64:ff9b::a9fe:a9fe",
        "240.0.0.1",
    ],
)
def test_an_address_that_is_not_public_is_refused(address: str) -> None:
    with pytest.raises(AddressRefused):
        check_public(address)


@pytest.mark.parametrize("address", ["93.184.216.34", "2606:2800:220:1:248:1893:25c8:1946"])
def test_a_public_address_is_accepted(address: str) -> None:
    check_public(address)


async def test_a_name_that_resolves_to_this_machine_is_refused() -> None:
    resolver = PublicResolver()
    with pytest.raises(AddressRefused, match="is not a public address"):
        await asyncio.wait_for(resolver.resolve("localhost", 80), 5)
    await resolver.close()


async def test_a_kept_connection_serves_the_next_message_until_the_receiver_closes_it(receiver: Receiver) -> None:
    """A connection that was closed meanwhile costs no attempt."""
    messenger = WebhookMessenger(SECRETS, allow_any_address=True, keep_connections=True)
    for _ in range(2):
        await messenger.deliver(a_delivery(receiver.url), at=A_MOMENT)
    first, second = receiver.connections
    assert first is second
    first.abort()
    await messenger.deliver(a_delivery(receiver.url), at=A_MOMENT)
    assert receiver.connections[2] is not first
    await messenger.close()


async def test_a_messenger_that_keeps_connections_refuses_private_addresses(
    receiver: Receiver,
) -> None:
    messenger = WebhookMessenger(SECRETS, keep_connections=True)
    for host in ("localhost", "127.0.0.1"):
        with pytest.raises(DeliveryFailed, match=r"is not a|Cannot connect"):
            await messenger.deliver(a_delivery(f"https://{host}:1/"), at=A_MOMENT)
    await messenger.close()
    assert receiver.received == []
