"""Locks by key, within one process."""

from asyncio import Lock
from weakref import WeakValueDictionary


class KeyedLocks:
    """A lock per key, which exists while a task holds or awaits it."""

    def __init__(self) -> None:
        self._locks: WeakValueDictionary[str, Lock] = WeakValueDictionary()

    def of(self, key: str) -> Lock:
        """The lock of this key."""
        return self._locks.setdefault(key, Lock())
