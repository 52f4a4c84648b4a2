"""The cache's server, to be stopped and frozen."""

from support.stoppable_valkey import server

__all__ = ["server"]
