"""Exports of evidence as zip files."""

import asyncio
import os
import tempfile
import zipfile
from collections.abc import AsyncIterator
from hashlib import sha256
from pathlib import Path
from typing import IO

from application.ports.audit.evidence_package import EvidencePackage, EvidencePackages, SealedPackage

_HERE = Path(__file__).parent
_CHUNK = 256 << 10
_BEGINNING_OF_TIME = (1980, 1, 1, 0, 0, 0)
"""The time of every file, so that equal content gives equal bytes."""


class ZipPackages(EvidencePackages):
    """Writes each package to a temporary file, which the system removes when it is closed."""

    async def create(self) -> EvidencePackage:
        package = ZipPackage()
        for name, source in (("README.txt", "export_readme.txt"), ("verify.py", "verify.py")):
            await package.add(name, (_HERE / source).read_bytes())
        return package


class ZipPackage(EvidencePackage):
    """One zip file. Compression runs in a thread."""

    def __init__(self) -> None:
        self.files: dict[str, str] = {}
        self._file: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115 - closed when it is discarded or read
        self._zip = zipfile.ZipFile(self._file, "w", zipfile.ZIP_DEFLATED)

    async def add(self, name: str, content: bytes) -> None:
        await asyncio.to_thread(self._zip.writestr, self._new(name), content)
        self.files[name] = sha256(content).hexdigest()

    async def add_lines(self, name: str, lines: AsyncIterator[bytes]) -> None:
        digest, buffer = sha256(), bytearray()
        with self._zip.open(self._new(name), "w", force_zip64=True) as file:

            def flush() -> None:
                digest.update(buffer)
                file.write(bytes(buffer))
                buffer.clear()

            async for line in lines:
                buffer += line
                if len(buffer) >= _CHUNK:
                    await asyncio.to_thread(flush)
            flush()
        self.files[name] = digest.hexdigest()

    def _new(self, name: str) -> zipfile.ZipInfo:
        if name in self.files:
            raise ValueError(f"{name} is already in the package")
        entry = zipfile.ZipInfo(name, _BEGINNING_OF_TIME)
        entry.compress_type = zipfile.ZIP_DEFLATED
        entry.external_attr = 0o644 << 16
        return entry

    async def seal(self) -> SealedPackage:
        size, digest = await asyncio.to_thread(self._finish)
        return SealedPackage(size, digest, _content(self._file))

    def _finish(self) -> tuple[int, str]:
        self._zip.close()
        file = self._file
        size = file.seek(0, os.SEEK_END)
        file.seek(0)
        digest = sha256()
        while chunk := file.read(_CHUNK):
            digest.update(chunk)
        file.seek(0)
        return size, digest.hexdigest()

    def discard(self) -> None:
        self._file.close()


async def _content(file: IO[bytes]) -> AsyncIterator[bytes]:
    with file:
        while chunk := await asyncio.to_thread(file.read, _CHUNK):
            yield chunk
