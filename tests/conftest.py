"""Fixtures that any test may ask for; engines start only when one is asked for."""

import pytest

from support.batches import open_postgres_room, open_room, room
from support.databases import migrated_url, own_migrated_url, postgres_store, shared_migrated_url, store
from support.engines import database_url, postgres_url, valkey_server_url, valkey_url

LONGEST = ("faults", "cli", "replicas", "ui")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Those that start processes first: several files are run at a time, and no long one is left to run alone."""
    items.sort(
        key=lambda item: min(
            (place for place, folder in enumerate(LONGEST) if folder in item.path.parts), default=len(LONGEST)
        )
    )


__all__ = [
    "database_url",
    "migrated_url",
    "open_postgres_room",
    "open_room",
    "own_migrated_url",
    "postgres_store",
    "postgres_url",
    "room",
    "shared_migrated_url",
    "store",
    "valkey_server_url",
    "valkey_url",
]
