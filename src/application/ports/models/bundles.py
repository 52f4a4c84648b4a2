"""Model bundles, kept for good: the files of every model that ever decided."""

from abc import abstractmethod
from collections.abc import Mapping
from typing import Protocol


class Bundles(Protocol):
    """Keeps bundles by fingerprint, as files by name.

    Raises DependencyUnavailable when the storage does not answer.
    """

    @abstractmethod
    async def archive(self, fingerprint: str, files: Mapping[str, bytes]) -> None:
        """Keep a bundle; one of this fingerprint that is kept already stays as it is."""

    @abstractmethod
    async def find(self, fingerprint: str) -> Mapping[str, bytes] | None:
        """The files of a bundle, if it is kept; whether they are what the fingerprint says is for the reader."""
