"""Folders with a manifest on the local file system.

A folder is written under a temporary name, synced to disk and then renamed: it is complete or absent, also after
a full disk or a power cut. `kill -9` leaves only the folder with the temporary name.
"""

import hashlib
import json
import os
import secrets
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from application.ports.operations.sealed_folders import (
    FolderDamaged,
    FolderDraft,
    FolderExists,
    FolderNotWritable,
    SealedFolders,
)

MANIFEST = "manifest.json"


class LocalSealedFolders(SealedFolders):
    """Files have mode 0600, folders 0700."""

    @contextmanager
    def draft(self, folder: Path, kind: str) -> Iterator[FolderDraft]:
        folder = folder.absolute()
        if folder.exists() or folder.is_symlink():
            raise FolderExists(f"{folder} exists already: name a new folder")
        path = folder.with_name(f".{folder.name}.incomplete-{secrets.token_hex(4)}")
        try:
            path.mkdir(mode=0o700)
        except FileNotFoundError as fault:
            # Not created here: it may be where another disk should be mounted.
            raise FolderNotWritable(
                f"{folder} cannot be created: the folder {folder.parent} does not exist. Create or mount it first"
            ) from fault
        except OSError as fault:
            raise FolderNotWritable(f"{folder} cannot be created: {fault.strerror}") from fault
        try:
            yield _LocalDraft(path, folder, kind)
        finally:
            shutil.rmtree(path, ignore_errors=True)

    def verified(self, folder: Path, kind: str) -> Mapping[str, Any]:
        try:
            manifest: dict[str, Any] = json.loads((folder / MANIFEST).read_bytes())
            found, files = manifest["kind"], manifest["files"].items()
        except FileNotFoundError as fault:
            raise FolderDamaged(folder, [f"there is no {MANIFEST}"]) from fault
        except OSError as fault:
            raise FolderDamaged(folder, [f"{MANIFEST} cannot be read: {fault.strerror}"]) from fault
        except (ValueError, LookupError, TypeError, AttributeError) as fault:
            raise FolderDamaged(folder, [f"{MANIFEST} is not a manifest ({fault})"]) from fault
        if found != kind:
            raise FolderDamaged(folder, [f"it is not a {kind}: its manifest says {found!r}"])
        faults = list(filter(None, (_fault_of(folder, name, stated) for name, stated in files)))
        listed = {name for name, _ in files} | {MANIFEST}
        faults += [f"{name} is not in the manifest" for name in _files_in(folder) if name not in listed]
        if faults:
            raise FolderDamaged(folder, faults)
        return manifest


class _LocalDraft(FolderDraft):
    def __init__(self, path: Path, target: Path, kind: str) -> None:
        self.path = path
        self._target, self._kind = target, kind

    def seal(self, content: Mapping[str, Any]) -> None:
        try:
            files = {name: _description(self.path / name) for name in _files_in(self.path)}
            manifest = {"kind": self._kind, **content, "files": files}
            (self.path / MANIFEST).write_text(json.dumps(manifest, indent=2) + "\n")
            for place in sorted(self.path.rglob("*"), reverse=True):
                place.chmod(0o700 if place.is_dir() else 0o600)
                _sync(place)
            _sync(self.path)
            if self._target.exists():
                raise FolderExists(f"{self._target} was created by another program: name a new folder")
            self.path.rename(self._target)
            _sync(self._target.parent)
        except OSError as fault:
            raise FolderNotWritable(f"{self._target} cannot be written: {fault.strerror}") from fault


def _files_in(folder: Path) -> list[str]:
    return sorted(str(file.relative_to(folder)) for file in folder.rglob("*") if not file.is_dir())


def _description(file: Path) -> dict[str, Any]:
    return {"bytes": file.stat().st_size, "sha256": _digest_of(file)}


def _digest_of(file: Path) -> str:
    with file.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()


def _fault_of(folder: Path, name: str, stated: Mapping[str, Any]) -> str:
    """How a file differs from what the manifest states; empty if it does not."""
    file = folder / name
    if not file.resolve().is_relative_to(folder.resolve()):
        return f"{name} is outside the folder"
    try:
        size = file.stat().st_size
        if size != stated.get("bytes"):
            return f"{name} has {size:,} bytes instead of {stated.get('bytes'):,}"
        return "" if _digest_of(file) == stated.get("sha256") else f"{name} was changed: its SHA-256 differs"
    except FileNotFoundError:
        return f"{name} is missing"
    except OSError as fault:
        return f"{name} cannot be read: {fault.strerror}"


def _sync(place: Path) -> None:
    descriptor = os.open(place, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
