"""Files that are sent, and downloads that are complete or absent."""

import asyncio
import uuid
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import httpx

from credit_scoring_client.errors import UnexpectedContent

_MEDIA_TYPE = "text/csv"
_CHUNK_BYTES = 1 << 18


async def chunks(path: Path) -> AsyncIterator[bytes]:
    """Read a file in a thread, because httpx accepts only an asynchronous iterator here."""
    with await asyncio.to_thread(path.open, "rb") as file:
        while chunk := await asyncio.to_thread(file.read, _CHUNK_BYTES):
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
