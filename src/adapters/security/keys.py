"""Keys kept in the data folder, made on the first start: for access tokens, and for checkpoints."""

import contextlib
import os
import secrets
from pathlib import Path

from application.operational_error import OperationalError

KEY_BYTES = 32


class UnusableSigningKey(OperationalError):
    """The file of a key does not hold one."""


def signing_key(data_dir: Path) -> bytes:
    """The key of access tokens, kept in `signing_key_file`."""
    return kept_key(signing_key_file(data_dir), "everybody will have to log in again")


def signing_key_file(data_dir: Path) -> Path:
    """Where the data folder keeps the key of access tokens."""
    return data_dir / "secrets" / "token-signing.key"


def kept_key(path: Path, price: str) -> bytes:
    """The key in this file, 32 random bytes, readable by its owner alone; `price` is what a new one would cost.

    Made when there is none. Processes that start at once all get the same one: it is written under another name
    first, and given its own name only by whoever comes first. Replicas must share the file, or be given the key.
    Raises UnusableSigningKey for a file that is too short, OSError for one that cannot be read or made.
    """
    if not path.exists():
        _make(path)
    key = path.read_bytes()
    if len(key) < KEY_BYTES:
        raise UnusableSigningKey(
            f"{path} holds {len(key)} bytes, not the {KEY_BYTES} of a signing key; "
            f"remove it to have a new one made ({price})"
        )
    if path.stat().st_mode & 0o077:
        path.chmod(0o600)
    return key


def _make(path: Path) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = path.with_name(f"{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    try:
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(secrets.token_bytes(KEY_BYTES))
            file.flush()
            os.fsync(file.fileno())
        with contextlib.suppress(FileExistsError):  # somebody else was first: theirs it is
            path.hardlink_to(draft)
        _sync(path.parent)
    finally:
        draft.unlink(missing_ok=True)


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
