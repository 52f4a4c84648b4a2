"""The cache's server, to be stopped and frozen."""

from stoppable_valkey import server

__all__ = ["server"]
