"""The embedded Valkey requires a password, and limits the service to its own keys and commands."""

from collections.abc import Iterator

import pytest
import redis

from adapters.caching.redis_client import RedisDependency
from adapters.embedded import EmbeddedValkey

OWN_KEYS = ("scoring:prediction:1:x", "scoring:result:x")


@pytest.fixture(scope="module")
def valkey(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedValkey]:
    with EmbeddedValkey(tmp_path_factory.mktemp("valkey"), durable=False) as running:
        yield running


@pytest.fixture
def service(valkey: EmbeddedValkey) -> Iterator[redis.Redis]:
    with redis.Redis.from_url(EmbeddedValkey.service_address(valkey.url)) as client:
        yield client


@pytest.mark.parametrize("credentials", ["", "default:@", "default:guessed@", "scoring:@", "scoring:guessed@"])
def test_every_command_requires_the_password(valkey: EmbeddedValkey, credentials: str) -> None:
    socket = valkey.url.partition("@")[2]
    with redis.Redis.from_url(f"unix://{credentials}{socket}") as client:
        for command in (("PING",), ("GET", "scoring:prediction:1:x"), ("INFO",), ("ACL", "LIST")):
            with pytest.raises((redis.AuthenticationError, redis.ResponseError)):
                client.execute_command(*command)


def test_the_service_can_run_its_commands(service: redis.Redis) -> None:
    for key in OWN_KEYS:
        assert service.set(key, b"1", ex=60)
        assert service.get(key) == b"1"
        assert service.exists(key) == 1
    assert service.mget(OWN_KEYS) == [b"1", b"1"]
    assert service.execute_command("MSETEX", 1, OWN_KEYS[0], b"2", "EX", 60)
    assert service.delete(*OWN_KEYS) == 2


async def test_the_health_check_of_the_service_works(valkey: EmbeddedValkey) -> None:
    await RedisDependency(EmbeddedValkey.service_address(valkey.url)).check()


FORBIDDEN = [
    "CONFIG GET requirepass",
    "CONFIG SET dir /tmp",
    "KEYS *",
    "SCAN 0",
    "RANDOMKEY",
    "FLUSHALL",
    "FLUSHDB",
    "EVAL return(1) 0",
    "FUNCTION LIST",
    "SCRIPT FLUSH",
    "DEBUG SLEEP 0",
    "SHUTDOWN NOSAVE",
    "SAVE",
    "REPLICAOF 127.0.0.1 1",
    "MODULE LIST",
    "ACL LIST",
    "ACL SETUSER scoring +@all",
    "CLIENT LIST",
    "CLIENT KILL ID 1",
    "MONITOR",
    "INFO",
    "RENAME scoring:a scoring:b",
    "PSUBSCRIBE *",
    "SUBSCRIBE __keyspace@0__:*",
    "PUBLISH elsewhere x",
    "GET elsewhere",
    "SET elsewhere x",
    "DEL elsewhere",
    "MGET scoring:a elsewhere",
    "GET nicegui:user-x",
    "SUBSCRIBE scoring:x",
]


@pytest.mark.parametrize("command", FORBIDDEN)
def test_the_service_cannot_run_other_commands(service: redis.Redis, command: str) -> None:
    with pytest.raises(redis.ResponseError, match=r"no permissions|No permissions|not allowed"):
        service.execute_command(*command.split(" "))


def test_the_administrators_password_differs_from_the_services(valkey: EmbeddedValkey) -> None:
    address = EmbeddedValkey.service_address(valkey.url)
    assert valkey.folder.password() not in address
    assert "administrator" not in address
