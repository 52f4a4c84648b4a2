"""A server that is silently gone costs a moment, not the time that a statement may take."""

import asyncio
import socket
from collections.abc import AsyncIterator
from time import perf_counter

import pytest
from sqlalchemy import text

from adapters.persistence.database.connections import RESPONSE_SECONDS, connect, database_engine, transaction
from adapters.persistence.decisions import chained_writer
from support.builders import a_decision_record
from support.dark_proxy import DarkProxy, address_through, dark_proxy, socket_of
from support.databases import ledger_at

MOMENT = RESPONSE_SECONDS + 1.5


@pytest.fixture
async def proxy(migrated_url: str) -> AsyncIterator[DarkProxy]:
    async with dark_proxy(socket_of(migrated_url)) as proxy:
        yield proxy


@pytest.fixture(autouse=True)
def short(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chained_writer, "IDLE_SECONDS", 0.05)


async def test_idle_pooled_connections_gone_dark_are_replaced(migrated_url: str, proxy: DarkProxy) -> None:
    engine = database_engine(address_through(migrated_url, proxy.port), max_connections=3)

    async def use() -> None:
        async with transaction(engine) as connection:
            await connection.execute(text("SELECT pg_sleep(0.05)"))

    await asyncio.gather(*(use() for _ in range(3)))
    assert proxy.connections == 3
    proxy.go_dark()
    began = perf_counter()
    await asyncio.gather(*(use() for _ in range(3)))
    assert perf_counter() - began < MOMENT
    began = perf_counter()
    await use()
    assert perf_counter() - began < 0.5
    await engine.dispose()


async def test_a_decision_after_the_ledgers_connection_went_dark_is_recorded(
    migrated_url: str, proxy: DarkProxy
) -> None:
    async with ledger_at(address_through(migrated_url, proxy.port)) as ledger:
        await ledger.record(a_decision_record())
        await asyncio.sleep(0.1)
        proxy.go_dark()
        began = perf_counter()
        await ledger.record(a_decision_record())
        assert perf_counter() - began < MOMENT


async def test_a_connection_over_tcp_is_kept_alive(migrated_url: str, proxy: DarkProxy) -> None:
    given = {
        "keepalives_idle": "7",
        "keepalives_interval": "2",
        "keepalives_count": "4",
        "tcp_user_timeout": "9000",
    }
    for parameters, expected in (
        (given, (1, 7, 2, 4, 9000)),
        ({}, (1, 10, 3, 3, 10_000)),
        ({"keepalives": "0"}, (0,)),
    ):
        connection = await connect(address_through(migrated_url, proxy.port, **parameters))
        used = connection._transport.get_extra_info("socket")
        options = [used.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE)] + [
            used.getsockopt(socket.IPPROTO_TCP, number)
            for number in (
                *(socket.TCP_KEEPIDLE, socket.TCP_KEEPINTVL, socket.TCP_KEEPCNT, socket.TCP_USER_TIMEOUT),
            )
        ]
        await connection.close()
        assert tuple(options[: len(expected)]) == expected
