"""Stored policies and model bundles, for verification."""

from abc import abstractmethod
from collections.abc import AsyncIterator, Collection
from typing import Protocol

from domain.audit.archived_versions import Version


class StoredVersions(Protocol):
    """Reads every stored policy and model bundle.

    Raises DependencyUnavailable if the storage does not answer.
    """

    @abstractmethod
    def named_in(self, document: bytes) -> Collection[Version]:
        """The versions that a decision's document names; empty if it cannot be read.

        Documents of the first release do not name the policy by fingerprint.
        """

    @abstractmethod
    def all(self) -> AsyncIterator[tuple[Version, str]]:
        """Each stored version, and how its content differs from its fingerprint; empty if it does not."""
