"""A file being uploaded, processed in blocks of bytes and never held in memory as a whole."""

from collections.abc import AsyncIterator
from hashlib import sha256

CHUNK_BYTES = 1 << 20
MAX_BATCH_BYTES = 1 << 30
"""1 GiB, the largest upload, whether compressed or not."""


class BatchTooLarge(ValueError):
    """The file is larger than MAX_BATCH_BYTES."""


class BatchEmpty(ValueError):
    """The file is empty."""


class BatchContent:
    """The content of a batch; `size` and `digest` (SHA-256) cover the bytes read so far."""

    def __init__(self, pieces: AsyncIterator[bytes], *, max_bytes: int = MAX_BATCH_BYTES) -> None:
        self._pieces = pieces
        self._max_bytes = max_bytes
        self._hash = sha256()
        self.size = 0

    @property
    def digest(self) -> bytes:
        """The SHA-256 of the bytes read so far."""
        return self._hash.digest()

    async def chunks(self) -> AsyncIterator[bytes]:
        """The content, once, in blocks of 1 MiB except for the last; raises BatchTooLarge and BatchEmpty."""
        buffer = bytearray()
        async for piece in self._pieces:
            self.size += len(piece)
            if self.size > self._max_bytes:
                raise BatchTooLarge(f"the file must not exceed {self._max_bytes:,} bytes")
            self._hash.update(piece)
            buffer += piece
            while len(buffer) >= CHUNK_BYTES:
                yield bytes(buffer[:CHUNK_BYTES])
                del buffer[:CHUNK_BYTES]
        if buffer:
            yield bytes(buffer)
        if not self.size:
            raise BatchEmpty("the file is empty; it needs a header line and at least one row")
