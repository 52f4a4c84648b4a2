"""Validation of database addresses."""

import pytest

from entrypoints.configuration.database_address import database_address


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://scoring:secret@db.example.com:5432/scoring",
        "postgres://scoring@db/scoring",
        "postgresql+asyncpg://scoring@db/scoring",
        "postgresql://scoring@/scoring?host=/run/postgresql&port=5432",
        "postgresql://db/scoring?sslmode=verify-full&sslrootcert=/etc/ssl/db.pem",
        "postgresql://[2001:db8::1]:5433/scoring",
        "postgresql://one:5432,two:5433/scoring?target_session_attrs=primary",
        "postgresql://u:p%40ss%2Fword@db/scoring",
        "  postgresql://db/scoring\n",
    ],
)
def test_a_valid_address_is_accepted(url: str) -> None:
    assert database_address(url) == url


@pytest.mark.parametrize(
    ("url", "fault"),
    [
        ("scoring", "must begin with postgresql://"),
        ("mysql://db/scoring", "must begin with postgresql://"),
        ("sqlite:///scoring.db", "must begin with postgresql://"),
        ("postgresql://user:secret@db", "names no database"),
        ("postgresql://user:secret@db/", "names no database"),
        ("postgresql:///scoring", "names no host"),
        ("postgresql://user@/scoring?host=", "names no host"),
        ("postgresql://user:secret@db:port/scoring", "port that is no number from 1 to 65535"),
        ("postgresql://db:0/scoring", "port that is no number"),
        ("postgresql://db:65536/scoring", "port that is no number"),
        ("postgresql://u@/scoring?host=/run&port=x", "port that is no number"),
        ("postgresql://[::1/scoring", "cannot be read"),
        ("postgresql://a:1:2/scoring", "cannot be read"),
        ("postgresql://u:secret/x@db:5432/scoring", "write / as %2F"),
        ("postgresql://u:12/secret@db:5432/scoring", "write / as %2F"),
        ("postgresql://u:secret@x@db:5432/scoring", "@ as %40"),
        ("postgresql://u:secret#x@db:5432/scoring", "# as %23"),
    ],
)
def test_the_fault_of_an_address_does_not_quote_the_password(url: str, fault: str) -> None:
    with pytest.raises(ValueError, match=fault) as refused:
        database_address(url)
    assert "secret" not in str(refused.value)


def test_an_empty_address_means_an_embedded_database() -> None:
    assert database_address("") is None
