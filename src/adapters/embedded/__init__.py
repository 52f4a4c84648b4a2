"""Embedded PostgreSQL and Valkey from Python wheels: started, supervised and stopped with the service.

A first run and the tests need no installation and no address, and still use the production engines: one SQL
dialect, one cache protocol. Both listen on Unix sockets only and end with the process that started them.
"""

from adapters.embedded.engine import Engine
from adapters.embedded.folder import EngineInUse
from adapters.embedded.postgres import EmbeddedPostgres
from adapters.embedded.unavailable import EngineUnavailable
from adapters.embedded.valkey import EmbeddedValkey

__all__ = ["EmbeddedPostgres", "EmbeddedValkey", "Engine", "EngineInUse", "EngineUnavailable"]
