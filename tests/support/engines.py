"""Real engines for tests: started on first use, one of each per test process, and stopped with it.

They forgo durability for speed (nothing else differs from those of `scripts/up`). Under pytest-xdist
every worker has its own. Import the fixtures where they are needed: `from engines import database_url,
postgres_url, valkey_url` in a conftest.
"""

import asyncio
import shutil
import tempfile
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import asyncpg
import pytest
import redis

from adapters.embedded import EmbeddedPostgres, EmbeddedValkey, Engine


@contextmanager
def running(kind: type[Engine]) -> Iterator[str]:
    """The URL of a new engine of this kind, which is stopped at the end."""
    folder = Path(tempfile.mkdtemp(prefix="scoring-test-"))
    try:
        with kind(folder, durable=False) as engine:
            yield engine.url
    finally:
        shutil.rmtree(folder)


def fresh_database(admin_url: str, *, template: str = "template0") -> str:
    """The URL of a new database on that server, empty or a copy of `template` (to which no one may
    be connected).

    Callable from synchronous tests and from inside an event loop alike.
    """
    name = f"test_{uuid.uuid4().hex}"
    execute(admin_url, f'CREATE DATABASE "{name}" TEMPLATE "{template}" STRATEGY FILE_COPY')
    return database_at(admin_url, name)


def drop_database(admin_url: str, url: str) -> None:
    """Remove a database even if it has connections."""
    execute(admin_url, f'DROP DATABASE IF EXISTS "{database_name(url)}" WITH (FORCE)')


def database_name(url: str) -> str:
    """The name of the database in a URL."""
    return urlsplit(url).path.lstrip("/")


def database_at(admin_url: str, name: str) -> str:
    """The URL of another database on the same server."""
    return urlsplit(admin_url)._replace(path=f"/{name}").geturl()


def execute(url: str, statement: str) -> None:
    """Run one statement on a separate connection."""

    async def run() -> None:
        connection = await asyncpg.connect(url)
        try:
            await connection.execute(statement)
        finally:
            await connection.close()

    with ThreadPoolExecutor(max_workers=1) as aside:  # the caller's thread may be running an event loop
        aside.submit(asyncio.run, run()).result()


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """A PostgreSQL server for this test process."""
    with running(EmbeddedPostgres) as url:
        yield url


@pytest.fixture
def database_url(postgres_url: str) -> Iterator[str]:
    """An empty database for this test."""
    url = fresh_database(postgres_url)
    yield url
    drop_database(postgres_url, url)


@pytest.fixture(scope="session")
def valkey_server_url() -> Iterator[str]:
    """A Valkey server for this test process."""
    with running(EmbeddedValkey) as url:
        yield url


@pytest.fixture
def valkey_url(valkey_server_url: str) -> str:
    """An empty Valkey for this test."""
    with redis.Redis.from_url(valkey_server_url) as client:
        client.flushall()
    return valkey_server_url
