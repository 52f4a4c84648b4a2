"""A file on its way in: cut into chunks and measured as it passes, never held as a whole."""

from collections.abc import AsyncIterator
from hashlib import sha256

CHUNK_BYTES = 1 << 20
MAX_BATCH_BYTES = 1 << 30
"""1 GiB: the most that one batch may hold, as it comes (compressed or not)."""


class BatchTooLarge(ValueError):
    """The file is larger than one batch may be."""


class BatchEmpty(ValueError):
    """There is nothing in the file."""


class BatchContent:
    """The content of a batch; `size` in bytes and `digest` (SHA-256) are those of what has passed."""

    def __init__(self, pieces: AsyncIterator[bytes], *, most: int = MAX_BATCH_BYTES) -> None:
        self._pieces = pieces
        self._most = most
        self._hash = sha256()
        self.size = 0

    @property
    def digest(self) -> bytes:
        """The SHA-256 of all that has passed."""
        return self._hash.digest()

    async def chunks(self) -> AsyncIterator[bytes]:
        """All of it, once, in chunks of 1 MiB but for the last; raises BatchTooLarge and BatchEmpty."""
        held = bytearray()
        async for piece in self._pieces:
            self.size += len(piece)
            if self.size > self._most:
                raise BatchTooLarge(f"a batch holds at most {self._most:,} bytes")
            self._hash.update(piece)
            held += piece
            while len(held) >= CHUNK_BYTES:
                yield bytes(held[:CHUNK_BYTES])
                del held[:CHUNK_BYTES]
        if held:
            yield bytes(held)
        if not self.size:
            raise BatchEmpty("the file is empty; it needs a header line and at least one loan")
