"""The stored policies and model bundles, to be compared with their fingerprints and with what decisions name."""

from abc import abstractmethod
from collections.abc import AsyncIterator, Collection
from typing import Protocol

from domain.audit.archived_versions import Version


class StoredVersions(Protocol):
    """Every stored policy and model bundle.

    Raises DependencyUnavailable when the storage does not answer.
    """

    @abstractmethod
    def named_in(self, document: bytes) -> Collection[Version]:
        """The versions that a decision's document names; none where it cannot be read, or names none.

        Documents of the first release name no policy by fingerprint.
        """

    @abstractmethod
    def all(self) -> AsyncIterator[tuple[Version, str]]:
        """Each stored version, and how its content differs from its fingerprint; empty where it does not."""
