"""The files that a TLS certificate and its private key are read from."""

from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True, slots=True)
class CertificateFiles:
    """PEM files: a certificate followed by its intermediates, and the private key, which may be encrypted."""

    certificate: Path
    key: Path
    key_password: str | None = field(default=None, repr=False)

    @property
    def state(self) -> tuple[tuple[int, int, int] | None, ...]:
        """Inode, size and time of modification of both files, which differ after a change; None without a file."""
        return tuple(_state_of(file) for file in (self.certificate, self.key))


def _state_of(file: Path) -> tuple[int, int, int] | None:
    try:
        found = file.stat()
    except OSError:
        return None
    return found.st_ino, found.st_size, found.st_mtime_ns
