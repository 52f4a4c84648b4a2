"""Reports documents that cannot be read, wherever they are met: each is counted, and logged once per process."""

import logging
from typing import Protocol

from domain.stored_document import UnreadableDocument

_log = logging.getLogger(__name__)
_MOST_LOGGED = 1000
"""After so many different documents, further ones are only counted."""


class CountUnreadable(Protocol):
    """Counts a document that cannot be read, by its kind and by why."""

    def __call__(self, kind: str, fault: str) -> None: ...


def _uncounted(kind: str, fault: str) -> None:
    """Count nothing."""


class UnreadableDocuments:
    """Receives every document of this process that cannot be read."""

    def __init__(self, count: CountUnreadable = _uncounted) -> None:
        self._count = count
        self._logged: set[tuple[str, str]] = set()

    def report(self, kind: str, identifier: object, fault: UnreadableDocument) -> None:
        """Count a document, and log it the first time."""
        self._count(kind, fault.fault.value)
        document = (kind, str(identifier))
        if document not in self._logged and len(self._logged) < _MOST_LOGGED:
            self._logged.add(document)
            _log.error(
                "the document of %s %s cannot be read: %s. `scoring audit verify` says whether it was changed.",
                kind,
                identifier,
                fault,
            )
