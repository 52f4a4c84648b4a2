"""Folders with a manifest: complete or absent, and verifiable file by file."""

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, Protocol

from application.operational_error import OperationalError


class FolderExists(OperationalError):
    """There is something at the path of the new folder."""


class FolderNotWritable(OperationalError):
    """The folder cannot be written: the disk is full, or a permission is missing."""


class FolderDamaged(OperationalError):
    """The folder is incomplete, was changed, or is of another kind; `faults` has one line for each fault."""

    def __init__(self, folder: Path, faults: Sequence[str]) -> None:
        lines = "".join(f"\n  - {fault}" for fault in faults)
        super().__init__(f"{folder} cannot be used:{lines}")
        self.faults = tuple(faults)


class FolderDraft(Protocol):
    """A folder under a temporary name beside its final one."""

    path: Path

    @abstractmethod
    def seal(self, content: Mapping[str, Any]) -> None:
        """Write the manifest with this content and the SHA-256 of every file, and give the folder its name.

        Raises FolderNotWritable.
        """


class SealedFolders(Protocol):
    """Creates and verifies folders with a manifest. `kind` says what a folder contains ("backup")."""

    @abstractmethod
    def draft(self, folder: Path, kind: str) -> AbstractContextManager[FolderDraft]:
        """A new folder, readable by the current user only; removed at the end unless it was sealed.

        Raises FolderExists and FolderNotWritable.
        """

    @abstractmethod
    def verified(self, folder: Path, kind: str) -> Mapping[str, Any]:
        """The manifest's content, after every file was compared with its digest. Raises FolderDamaged."""
