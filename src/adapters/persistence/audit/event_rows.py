"""What is searched in the documents of events, by expressions that their indexes have too.

The database derives both from the document, which verification covers, so that they cannot differ from it.
"""

import json
from collections.abc import Collection

from sqlalchemy import ColumnElement, Text, case, func, literal_column

from adapters.persistence.database.tables import EVENT_ACTOR, EVENT_KEY_LENGTH, EVENT_SUBJECT, recorded_events

MAX_DOCUMENT_BYTES = 64 * 1024
BOUNDED_DOCUMENT = case(
    (func.octet_length(recorded_events.c.document) <= MAX_DOCUMENT_BYTES, recorded_events.c.document),
    else_=func.substr(recorded_events.c.document, 1, 100),
).label("document")
"""The document, or the beginning of one too large to be loaded, which cannot be read and has another digest."""


def has_actor(name: str) -> ColumnElement[bool]:
    """Whether this is the actor of an event."""
    return _equals(EVENT_ACTOR, name)


def has_subject(name: str) -> ColumnElement[bool]:
    """Whether an event is about this subject."""
    return _equals(EVENT_SUBJECT, name)


def about_any(subjects: Collection[str]) -> ColumnElement[bool]:
    """Whether an event is about one of these subjects."""
    found: ColumnElement[str] = literal_column(EVENT_SUBJECT, Text)
    return found.in_([_key(subject) for subject in subjects])


def _equals(expression: str, text: str) -> ColumnElement[bool]:
    found: ColumnElement[str] = literal_column(expression, Text)
    return found == _key(text)


def _key(text: str) -> str:
    """The text as documents write it."""
    return json.dumps(text)[1:-1][:EVENT_KEY_LENGTH]
