"""Fixtures of the replica tests."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from replicas.behind_haproxy import HAPROXY, NO_HAPROXY, Pair, running_pair
from support.engines import drop_database, fresh_database


@pytest.fixture
def pair(tmp_path: Path, database_url: str, valkey_url: str) -> Iterator[Pair]:
    """Two replicas with a drain period, behind HAProxy."""
    if HAPROXY is None:
        pytest.skip(NO_HAPROXY)
    with running_pair(tmp_path, database_url, valkey_url, SCORING_DRAIN_SECONDS="2") as running:
        yield running


@pytest.fixture(scope="module")
def lasting_pair(
    tmp_path_factory: pytest.TempPathFactory, postgres_url: str, valkey_server_url: str
) -> Iterator[Pair]:
    """Two replicas behind HAProxy, shared by the tests of a file."""
    if HAPROXY is None:
        pytest.skip(NO_HAPROXY)
    url = fresh_database(postgres_url)
    with running_pair(
        tmp_path_factory.mktemp("lasting"),
        url,
        valkey_server_url,
        SCORING_PREDICTION_CACHE="shared",
        SCORING_TRUSTED_PROXIES="127.0.0.1",
    ) as running:
        yield running
    drop_database(postgres_url, url)
