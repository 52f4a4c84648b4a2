"""Servers from before the command that sets many values with one expiry."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from adapters.caching.redis_prediction_cache import RedisPredictionCache
from application.ports.models.credit_model import ModelVersion
from domain.models.characteristics import Characteristics
from support.builders import a_loan_application, a_prediction

MODEL = ModelVersion("1.0.0", "ab" * 32)
SOMEBODY = Characteristics.of(a_loan_application())


class OldServer:
    """Speaks enough of the protocol for the cache, and knows no MSETEX."""

    def __init__(self) -> None:
        self.values: dict[bytes, bytes] = {}
        self.heard: list[bytes] = []

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while line := await reader.readline():
            parts = []
            for _ in range(int(line[1:])):
                size = int((await reader.readline())[1:])
                parts.append((await reader.readexactly(size + 2))[:-2])
            writer.write(self.answer(parts))
        writer.close()

    def answer(self, parts: list[bytes]) -> bytes:
        command, *arguments = parts
        self.heard.append(command)
        match command:
            case b"MGET":
                found = [self.values.get(key) for key in arguments]
                return b"*%d\r\n" % len(found) + b"".join(
                    b"$-1\r\n" if value is None else b"$%d\r\n%b\r\n" % (len(value), value) for value in found
                )
            case b"SET":
                self.values[arguments[0]] = arguments[1]
                return b"+OK\r\n"
            case b"CLIENT" | b"SELECT":
                return b"+OK\r\n"
        return b"-ERR unknown command '%b', with args beginning with:\r\n" % command


@pytest.fixture
async def old_server(tmp_path: Path) -> AsyncIterator[OldServer]:
    server = OldServer()
    listening = await asyncio.start_unix_server(server.serve, tmp_path / "old.sock")
    yield server
    listening.close()
    await asyncio.sleep(0.01)  # for connections to end by themselves


async def test_values_are_set_one_by_one_once_refused(old_server: OldServer, tmp_path: Path) -> None:
    cache = RedisPredictionCache(f"unix://{tmp_path}/old.sock", patience=timedelta(seconds=5))
    for number in range(3):
        await cache.put(ModelVersion("1", f"{number} a"), SOMEBODY, a_prediction())
        await cache.put(ModelVersion("1", f"{number} b"), SOMEBODY, a_prediction())
        await cache.drained()
    assert await cache.get(ModelVersion("1", "2 b"), SOMEBODY) == a_prediction()
    assert cache.figures()["stored"] == 6
    assert old_server.heard.count(b"MSETEX") == 1
    assert old_server.heard.count(b"SET") == 6
    await cache.aclose()
