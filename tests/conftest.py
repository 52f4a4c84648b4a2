"""Fixtures that any test may ask for; engines start only when one is asked for."""

from batch_room import open_postgres_room, open_room, room
from databases import migrated_url, postgres_store, shared_migrated_url, store
from engines import database_url, postgres_url, valkey_server_url, valkey_url

__all__ = [
    "database_url",
    "migrated_url",
    "open_postgres_room",
    "open_room",
    "postgres_store",
    "postgres_url",
    "room",
    "shared_migrated_url",
    "store",
    "valkey_server_url",
    "valkey_url",
]
