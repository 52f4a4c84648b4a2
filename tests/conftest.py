"""Fixtures for all tests. Engines start on first use."""

import pytest

from support.batches import batch_store, open_batch_store, open_postgres_batch_store
from support.databases import migrated_url, own_migrated_url, postgres_store, shared_migrated_url, store
from support.engines import database_url, postgres_url, valkey_server_url, valkey_url

LONGEST = ("faults", "cli", "replicas", "ui", "operations")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Run tests that start processes first, so that no long file runs alone at the end."""
    items.sort(
        key=lambda item: min(
            (place for place, folder in enumerate(LONGEST) if folder in item.path.parts), default=len(LONGEST)
        )
    )


__all__ = [
    "batch_store",
    "database_url",
    "migrated_url",
    "open_batch_store",
    "open_postgres_batch_store",
    "own_migrated_url",
    "postgres_store",
    "postgres_url",
    "shared_migrated_url",
    "store",
    "valkey_server_url",
    "valkey_url",
]
