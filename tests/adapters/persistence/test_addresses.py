"""Which addresses of databases are taken, and what is said of the others."""

import pytest

from adapters.persistence.addresses import check_database_url, driver_url


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
def test_an_address_that_can_be_tried_has_no_fault(url: str) -> None:
    assert check_database_url(url) is None
    assert driver_url(url).startswith("postgresql://")
    assert driver_url(url).endswith(url.strip().partition("://")[2])


@pytest.mark.parametrize(
    ("url", "fault"),
    [
        ("", "must begin with postgresql://"),
        ("scoring", "no scheme"),
        ("mysql://db/scoring", "not mysql://"),
        ("sqlite:///scoring.db", "not sqlite://"),
        ("postgresql://user:secret@db", "names no database"),
        ("postgresql://user:secret@db/", "names no database"),
        ("postgresql:///scoring", "names no host"),
        ("postgresql://user@/scoring?host=", "names no host"),
        ("postgresql://user:secret@db:port/scoring", "port must be a number from 1 to 65535, not 'port'"),
        ("postgresql://db:0/scoring", "not '0'"),
        ("postgresql://db:65536/scoring", "not '65536'"),
        ("postgresql://u@/scoring?host=/run&port=x", "not 'x'"),
        ("postgresql://[::1/scoring", "cannot be read"),
        ("postgresql://a:1:2/scoring", "cannot be read"),
    ],
)
def test_what_is_wrong_with_an_address_is_said_without_the_password(url: str, fault: str) -> None:
    said = check_database_url(url) or ""
    assert fault in said
    assert "secret" not in said
