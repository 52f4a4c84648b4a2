"""Embedded Valkey: sessions survive restarts, and cached results are evicted first."""

import os
import time
from pathlib import Path

import pytest
import redis
from redis.asyncio import Redis

from adapters.embedded import EmbeddedValkey, EngineInUse, EngineUnavailable


def client(url: str) -> redis.Redis:
    return redis.Redis.from_url(url, decode_responses=True)


async def test_the_address_works_with_the_asynchronous_client(tmp_path: Path) -> None:
    with EmbeddedValkey(tmp_path) as valkey:
        async with Redis.from_url(valkey.url) as asynchronous:
            assert await asynchronous.ping()
            assert (await asynchronous.config_get("port"))["port"] == "0"


def test_sessions_survive_a_restart(tmp_path: Path) -> None:
    with EmbeddedValkey(tmp_path) as valkey, client(valkey.url) as sessions:
        sessions.set("session:ann", "signed in", ex=3600)
        began = time.monotonic()
    assert time.monotonic() - began < 10
    with valkey, client(valkey.url) as sessions:
        assert sessions.get("session:ann") == "signed in"


def test_sessions_survive_the_kill_of_the_server(tmp_path: Path) -> None:
    with EmbeddedValkey(tmp_path) as valkey:
        with client(valkey.url) as sessions:
            sessions.set("session:ann", "signed in", ex=3600)
        assert valkey.pid is not None
        os.kill(valkey.pid, 9)
        deadline = time.monotonic() + 3
        while valkey.running and time.monotonic() < deadline:
            time.sleep(0.01)
        assert not valkey.running, "the end of the server was not noticed"
        with client(valkey.start()) as sessions:
            assert sessions.get("session:ann") == "signed in"


def test_full_memory_evicts_cached_predictions_before_idle_sessions(tmp_path: Path) -> None:
    with EmbeddedValkey(tmp_path, durable=False) as valkey, client(valkey.url) as store:
        store.config_set("maxmemory", store.info("memory")["used_memory"] + 3_000_000)
        store.set("kept", "for good")
        for number in range(50):
            store.set(f"session:{number}", "x" * 100, ex=8 * 3600)
        for number in range(5_000):
            store.set(f"prediction:{number}", "x" * 1_000, ex=300)
        assert store.info("stats")["evicted_keys"] > 1_000
        assert len(store.keys("session:*")) == 50
        assert store.get("kept") == "for good"


def test_a_second_engine_on_the_folder_names_the_process_that_holds_it(tmp_path: Path) -> None:
    with EmbeddedValkey(tmp_path) as first:
        with pytest.raises(EngineInUse, match=str(os.getpid())):
            EmbeddedValkey(tmp_path).start()
        assert EmbeddedValkey.running_url(tmp_path) == first.url


def test_damaged_data_are_reported_with_the_log_and_advice(tmp_path: Path) -> None:
    with EmbeddedValkey(tmp_path) as valkey, client(valkey.url) as store:
        store.set("session:ann", "signed in")
    for part in (valkey.folder.data / "appendonlydir").glob("*.aof"):
        part.write_bytes(b"*2\r\n$3\r\nbad data here\r\n")
    with pytest.raises(EngineUnavailable, match="SCORING_REDIS_URL") as error:
        valkey.start()
    assert "Bad file format" in str(error.value)
