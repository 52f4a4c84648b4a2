"""Caches in a server that speaks the Redis protocol. A cache that is slow or down is a miss, never an error."""
