"""PostgreSQL and Valkey from their wheels: started, watched and stopped beside the service.

For a first run and for tests there is nothing to install and no address to give, and it is still the
production engines that answer: one SQL dialect, one cache protocol. Both listen on unix sockets only
and end with the process that started them.
"""

from adapters.embedded.engine import Engine
from adapters.embedded.folder import EngineInUse
from adapters.embedded.postgres import EmbeddedPostgres
from adapters.embedded.unavailable import EngineUnavailable
from adapters.embedded.valkey import EmbeddedValkey

__all__ = ["EmbeddedPostgres", "EmbeddedValkey", "Engine", "EngineInUse", "EngineUnavailable"]
