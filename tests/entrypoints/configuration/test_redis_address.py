"""Addresses of Redis and Valkey: as providers show them, with faults named."""

import pytest

from entrypoints.configuration.redis_address import redis_address


@pytest.mark.parametrize(
    ("given", "read"),
    [
        ("", None),
        ("redis://scoring:x@cache:6379/0", "redis://scoring:x@cache:6379/0"),
        ("rediss://default:x@eu1-cache.upstash.example:6379", "rediss://default:x@eu1-cache.upstash.example:6379"),
        ("rediss://:x@ec2.example:7000?ssl_cert_reqs=none", "rediss://:x@ec2.example:7000?ssl_cert_reqs=none"),
        ("valkeys://default:x@v.aivencloud.example:12691", "rediss://default:x@v.aivencloud.example:12691"),
        ("valkey://cache:6379/1", "redis://cache:6379/1"),
        ("unix://scoring:x@/run/valkey.sock?db=2", "unix://scoring:x@/run/valkey.sock?db=2"),
    ],
)
def test_an_address_as_providers_show_it_is_accepted(given: str, read: str | None) -> None:
    assert redis_address(given) == read


@pytest.mark.parametrize(
    ("given", "fault"),
    [
        ("http://cache:6379", "must be a URL that begins with redis://"),
        ("redis://cache:port", "port of the URL"),
        ("redis://cache:6379?family=0&ssl=true", "has family, ssl, which cannot be set"),
        ("redis://u:top?secret@cache:6379", r"\? as %3F"),
        ("redis://u:top#secret@cache:6379", "# as %23"),
    ],
)
def test_a_fault_is_named_without_the_password(given: str, fault: str) -> None:
    with pytest.raises(ValueError, match=fault) as refused:
        redis_address(given)
    assert "secret" not in str(refused.value)
