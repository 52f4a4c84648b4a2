"""Signing keys in the data folder, generated on first use: for access tokens and for checkpoints."""

import contextlib
import os
import secrets
from pathlib import Path

from application.operational_error import OperationalError

KEY_BYTES = 32


class UnusableSigningKey(OperationalError):
    """A key file does not contain a valid key."""


def signing_key(data_dir: Path) -> bytes:
    """Return the signing key of access tokens, from `token_key_file`."""
    return load_or_create_key(token_key_file(data_dir), "all users will have to log in again")


def token_key_file(data_dir: Path) -> Path:
    """Return the path of the signing key of access tokens."""
    return data_dir / "secrets" / "token-signing.key"


def load_or_create_key(path: Path, consequence: str) -> bytes:
    """Return the key of 32 random bytes in this file (mode 0600), which is created where it does not exist.

    Processes that start concurrently get the same key: each writes a temporary file, and only the first link
    succeeds. Replicas must share the file or be given the key. `consequence` completes the message of
    UnusableSigningKey, which is raised for a file that is too short; raises OSError where the file cannot be read
    or created.
    """
    if not path.exists():
        _create(path)
    key = path.read_bytes()
    if len(key) < KEY_BYTES:
        raise UnusableSigningKey(
            f"{path} contains {len(key)} bytes, not the {KEY_BYTES} of a signing key; "
            f"remove it to generate a new one ({consequence})"
        )
    if path.stat().st_mode & 0o077:
        path.chmod(0o600)
    return key


def _create(path: Path) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = path.with_name(f"{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    try:
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(secrets.token_bytes(KEY_BYTES))
            file.flush()
            os.fsync(file.fileno())
        with contextlib.suppress(FileExistsError):  # another process was first: use its key
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
