"""Files that are sent, and downloads that are complete or absent."""

import asyncio
import uuid
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

import httpx

from credit_scoring_client.errors import UnexpectedContent
from credit_scoring_client.operations import Operation

_MEDIA_TYPE = "text/csv"
_CHUNK_BYTES = 1 << 18


@contextmanager
def reading(operation: Operation[Any]) -> Iterator[bytes | Iterator[bytes] | None]:
    """Yield the content to send, from a file that is open in the block."""
    if isinstance(operation.content, Path):
        with operation.content.open("rb") as file:
            yield _chunks(file, int(operation.headers["Content-Length"]))
    else:
        yield operation.content


def reading_in_thread(operation: Operation[Any]) -> bytes | AsyncIterator[bytes] | None:
    """Return the content to send; a file is opened and read in a thread."""
    if isinstance(operation.content, Path):
        return _chunks_in_thread(operation.content, int(operation.headers["Content-Length"]))
    return operation.content


def _chunks(file: IO[bytes], size: int) -> Iterator[bytes]:
    """Read a file of this size. Raises OSError if it has another size by now."""
    read = 0
    while chunk := file.read(_CHUNK_BYTES):
        read += len(chunk)
        if read > size:
            break
        yield chunk
    if read != size:
        raise OSError(f"{file.name} changed while it was sent")


async def _chunks_in_thread(path: Path, size: int) -> AsyncIterator[bytes]:
    with await asyncio.to_thread(path.open, "rb") as file:
        chunks = _chunks(file, size)
        while (chunk := await asyncio.to_thread(next, chunks, None)) is not None:
            yield chunk


@contextmanager
def replacing(target: Path, response: httpx.Response) -> Iterator[IO[bytes]]:
    """Yield a file for the body of this response that becomes `target` when the block ends without an error.

    It has the permissions of any new file. A symbolic link stays, and its target is replaced.
    """
    found = response.headers.get("Content-Type", "")
    if found.partition(";")[0].strip().lower() != _MEDIA_TYPE:
        raise UnexpectedContent(f"{response.request.url.path}: the content is {found!r} instead of {_MEDIA_TYPE}")
    target = target.resolve()
    partial = target.with_name(f".{uuid.uuid4().hex}.partial")
    with partial.open("xb") as file:
        try:
            yield file
            file.flush()
            partial.replace(target)
        except BaseException:
            partial.unlink(missing_ok=True)
            raise
