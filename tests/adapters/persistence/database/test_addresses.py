"""Database addresses in the form that asyncpg accepts."""

import pytest

from adapters.persistence.database.addresses import driver_url


@pytest.mark.parametrize("scheme", ["postgresql", "postgres", "postgresql+asyncpg"])
def test_every_scheme_gives_the_same_address(scheme: str) -> None:
    rest = "://u:p%40ss@one:5432,two:5433/scoring?target_session_attrs=primary&sslmode=verify-full"
    assert driver_url(f"  {scheme}{rest}\n") == f"postgresql{rest}"
