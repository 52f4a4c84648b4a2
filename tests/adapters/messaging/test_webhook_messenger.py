"""Webhooks over real sockets: signed as receivers check them, and never to addresses that are ours alone."""

import asyncio
import hmac
from collections.abc import AsyncIterator
from uuid import uuid4

import pytest
from aiohttp import web

from adapters.messaging.public_addresses import AddressRefused, PublicResolver, check_public
from adapters.messaging.signatures import RecipientSecrets
from adapters.messaging.webhook_messenger import WebhookMessenger
from application.ports.batches.webhooks import Delivery, DeliveryFailed
from support.builders import A_MOMENT

SECRETS = RecipientSecrets(b"k" * 32)


class Portal:
    """A receiver on this machine."""

    def __init__(self) -> None:
        self.status = 200
        self.url = ""
        self.got: list[tuple[dict[str, str], bytes]] = []

    async def take(self, request: web.Request) -> web.Response:
        self.got.append((dict(request.headers), await request.read()))
        headers = {"Location": self.url + "elsewhere"} if self.status == 302 else {}
        return web.Response(status=self.status, headers=headers)


@pytest.fixture
async def portal() -> AsyncIterator[Portal]:
    portal = Portal()
    app = web.Application()
    app.router.add_post("/{rest:.*}", portal.take)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    portal.url = f"http://127.0.0.1:{runner.addresses[0][1]}/"
    yield portal
    await runner.cleanup()


def to(url: str) -> Delivery:
    return Delivery(uuid4(), uuid4(), "broker-portal", url, "batch.done", '{"event":"batch.done"}', A_MOMENT)


async def test_a_message_arrives_with_a_signature_that_the_receiver_can_check(portal: Portal) -> None:
    delivery = to(portal.url)
    await WebhookMessenger(SECRETS, anywhere=True).deliver(delivery, at=A_MOMENT)
    ((headers, body),) = portal.got
    assert body == delivery.body.encode()
    assert headers["Scoring-Delivery"] == str(delivery.delivery_id)
    stamp, given = (part.partition("=")[2] for part in headers["Scoring-Signature"].split(","))
    assert int(stamp) == int(A_MOMENT.timestamp())
    secret = SECRETS.secret_of("broker-portal").encode()
    assert given == hmac.new(secret, f"{stamp}.".encode() + body, "sha256").hexdigest()


def test_recipients_have_secrets_of_their_own_that_stay_the_same() -> None:
    assert SECRETS.secret_of("a") == RecipientSecrets(b"k" * 32).secret_of("a")
    assert len({SECRETS.secret_of("a"), SECRETS.secret_of("b"), RecipientSecrets(b"x" * 32).secret_of("a")}) == 3


@pytest.mark.parametrize("status", [302, 404, 500])
async def test_any_other_answer_than_success_is_none(portal: Portal, status: int) -> None:
    portal.status = status
    with pytest.raises(DeliveryFailed, match=str(status)):
        await WebhookMessenger(SECRETS, anywhere=True).deliver(to(portal.url), at=A_MOMENT)
    assert len(portal.got) == 1  # a redirect is not followed


async def test_a_receiver_that_is_not_there_is_said(portal: Portal) -> None:
    with pytest.raises(DeliveryFailed, match="ClientConnector"):
        await WebhookMessenger(SECRETS, anywhere=True).deliver(to("http://127.0.0.1:1/"), at=A_MOMENT)


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
async def test_addresses_that_are_ours_alone_are_never_called(host: str) -> None:
    """Not even a connection is opened; who may be called anywhere opens one."""
    called: list[object] = []

    async def hang_up(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        called.append(writer)
        writer.close()

    async with await asyncio.start_server(hang_up, host="localhost", port=0) as server:
        (port, *_) = {each.getsockname()[1] for each in server.sockets}
        with pytest.raises(DeliveryFailed):
            await WebhookMessenger(SECRETS).deliver(to(f"https://{host}:{port}/"), at=A_MOMENT)
        with pytest.raises(DeliveryFailed, match="only https"):
            await WebhookMessenger(SECRETS).deliver(to(f"http://{host}:{port}/"), at=A_MOMENT)
        assert called == []
        if host in {"127.0.0.1", "localhost"}:
            with pytest.raises(DeliveryFailed):
                await WebhookMessenger(SECRETS, anywhere=True).deliver(to(f"https://{host}:{port}/"), at=A_MOMENT)
            assert called


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
def test_what_is_not_public_is_refused(address: str) -> None:
    with pytest.raises(AddressRefused):
        check_public(address)


@pytest.mark.parametrize("address", ["93.184.216.34", "2606:2800:220:1:248:1893:25c8:1946"])
def test_what_is_public_is_not(address: str) -> None:
    check_public(address)


async def test_a_name_that_leads_to_this_machine_is_refused_when_it_is_looked_up() -> None:
    resolver = PublicResolver()
    with pytest.raises(AddressRefused, match="is not a public address"):
        await asyncio.wait_for(resolver.resolve("localhost", 80), 5)
    await resolver.close()
