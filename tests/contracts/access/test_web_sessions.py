"""The contract of every web session store."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from adapters.persistence.access.web_sessions import PostgresWebSessions
from adapters.persistence.database.connections import database_engine
from application.ports.access.web_sessions import WebSessions
from domain.access.web_session import LIFETIME, WebSession
from support.memory.decisions import MemoryDecisions
from support.memory.web_sessions import MemoryWebSessions

NOW = datetime.now(UTC)
SESSION = WebSession(b"k" * 16, "marta", 7, "192.0.2.1", NOW, NOW)
OTHER = replace(SESSION, id=b"o" * 16, name="Łukasz 🏦", started_at=NOW + timedelta(seconds=1))


@pytest.fixture(params=["memory", "postgres"])
async def replicas(request: pytest.FixtureRequest) -> AsyncIterator[tuple[WebSessions, WebSessions]]:
    """The sessions in two processes; in memory there is only one."""
    if request.param == "memory":
        sessions = MemoryWebSessions(MemoryDecisions())
        yield sessions, sessions
        return
    engine = database_engine(request.getfixturevalue("migrated_url"))
    yield PostgresWebSessions(engine), PostgresWebSessions(engine)
    await engine.dispose()


Replicas = tuple[WebSessions, WebSessions]


async def test_a_session_is_found_immediately_at_its_replica_and_at_others_after_a_refresh(
    replicas: Replicas,
) -> None:
    one, two = replicas
    assert one.find(SESSION.id) is None
    await one.add(SESSION)
    assert one.find(SESSION.id) == SESSION
    await two.refresh()
    assert two.find(SESSION.id) == SESSION
    await one.refresh()
    assert one.find(SESSION.id) == SESSION


async def test_an_ended_session_is_not_found(replicas: Replicas) -> None:
    one, two = replicas
    await one.add(SESSION)
    await two.refresh()
    assert await two.end(SESSION.id, NOW)
    assert two.find(SESSION.id) is None
    await one.refresh()
    assert one.find(SESSION.id) is None
    assert not await one.end(SESSION.id, NOW)
    assert not await one.end(OTHER.id, NOW)


async def test_open_sessions_are_listed_newest_first(replicas: Replicas) -> None:
    one, two = replicas
    await one.add(SESSION)
    await two.add(OTHER)
    assert await one.all() == [OTHER, SESSION]
    await two.end(OTHER.id, NOW)
    assert await one.all() == [SESSION]


async def test_use_of_a_session_is_visible_immediately_at_its_replica_and_later_at_others(
    replicas: Replicas,
) -> None:
    one, two = replicas
    await one.add(SESSION)
    later = NOW + timedelta(minutes=2)
    one.touch(SESSION.id, later)
    one.touch(OTHER.id, later)
    assert one.find(SESSION.id) == replace(SESSION, last_seen_at=later)
    assert one.find(OTHER.id) is None
    await one.refresh()
    await two.refresh()
    assert two.find(SESSION.id) == replace(SESSION, last_seen_at=later)
    two.touch(SESSION.id, later - timedelta(minutes=1))
    await two.refresh()
    assert one.find(SESSION.id) == replace(SESSION, last_seen_at=later) or two is one


async def test_old_sessions_are_purged_whether_ended_or_not(replicas: Replicas) -> None:
    one, _ = replicas
    old = replace(SESSION, started_at=NOW - LIFETIME)
    await one.add(old)
    await one.add(OTHER)
    assert await one.purge(NOW) == 1
    assert await one.purge(NOW) == 0
    await one.refresh()
    assert one.find(old.id) is None
    assert one.find(OTHER.id) == OTHER
