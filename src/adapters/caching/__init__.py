"""Caches in a server that speaks the Redis protocol. A slow or unavailable cache counts as a miss."""
