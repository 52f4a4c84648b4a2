"""The archive of the model bundles that have made decisions."""

from abc import abstractmethod
from collections.abc import Mapping
from typing import Protocol


class Bundles(Protocol):
    """Archives bundles by fingerprint, as files by name.

    Raises DependencyUnavailable if the storage does not answer.
    """

    @abstractmethod
    async def archive(self, fingerprint: str, files: Mapping[str, bytes]) -> None:
        """Archive a bundle, unless one with this fingerprint is archived already."""

    @abstractmethod
    async def find(self, fingerprint: str) -> Mapping[str, bytes] | None:
        """The files of a bundle, if it is archived; the caller must check them against the fingerprint."""
