"""Stored documents: JSON objects that state their kind and the schema of their content.

A document is never rewritten, since the audit trail and fingerprints cover its bytes. Content of an earlier schema
is upgraded each time it is read.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

Content = Mapping[str, Any]
Upgrade = Callable[[Content], Content]
"""Turns the content of one schema into that of the next. Raises ValueError, LookupError or TypeError."""


class DocumentFault(StrEnum):
    """Why a document cannot be read. The text is a metric's label."""

    NOT_JSON = "not_json"
    OTHER_KIND = "other_kind"
    UNKNOWN_SCHEMA = "unknown_schema"
    INVALID_CONTENT = "invalid_content"
    OTHER_RECORD = "other_record"
    TOO_LARGE = "too_large"


class UnreadableDocument(ValueError):
    """This release cannot read the document; the text says why."""

    def __init__(self, fault: DocumentFault, why: str) -> None:
        super().__init__(why)
        self.fault = fault


@dataclass(frozen=True, slots=True)
class DocumentKind:
    """A kind of document. The first of `upgrades` turns schema 1 into schema 2, and so on.

    Documents without a kind are of schema 1, because the first release wrote neither.
    """

    name: str
    upgrades: tuple[Upgrade, ...] = ()

    @property
    def schema(self) -> int:
        """The schema that this release writes."""
        return len(self.upgrades) + 1

    def check(self, kind: object, schema: object) -> int:
        """The schema that a document states, if this release can read it. Raises UnreadableDocument."""
        if kind != self.name:
            raise UnreadableDocument(
                DocumentFault.OTHER_KIND, f"it is not a document of kind {self.name}, but of {_shown(kind)}"
            )
        if not isinstance(schema, int) or isinstance(schema, bool) or not 1 <= schema <= self.schema:
            raise UnreadableDocument(
                DocumentFault.UNKNOWN_SCHEMA,
                f"it has schema {_shown(schema)}, and this release reads {self.name} documents up to schema "
                f"{self.schema}: a later release may have written it",
            )
        return schema

    def upgraded(self, content: object) -> dict[str, Any]:
        """The content in the current schema, without `kind` and `schema`. Raises UnreadableDocument."""
        if not isinstance(content, Mapping):
            raise UnreadableDocument(DocumentFault.INVALID_CONTENT, "it is not a JSON object")
        current: Content = {name: value for name, value in content.items() if name not in {"kind", "schema"}}
        schema = self.check(content.get("kind", self.name), content.get("schema", 1))
        for number, upgrade in enumerate(self.upgrades[schema - 1 :], schema):
            try:
                current = upgrade(current)
            except (ValueError, LookupError, TypeError, AttributeError) as fault:
                raise UnreadableDocument(
                    DocumentFault.INVALID_CONTENT,
                    f"its content is not that of {self.name} schema {number} ({type(fault).__name__}: {fault})",
                ) from fault
        return dict(current)


def _shown(value: object) -> str:
    return repr(value)[:40]
