"""What is searched in the documents of events, by expressions that their indexes have too.

The database derives both from the document, which verification covers, so that they cannot differ from it.
"""

import json

from sqlalchemy import ColumnElement, Text, literal_column

from adapters.persistence.database.tables import EVENT_ACTOR, EVENT_SUBJECT


def has_actor(name: str) -> ColumnElement[bool]:
    """Whether this is the actor of an event."""
    return _equals(EVENT_ACTOR, name)


def has_subject(name: str) -> ColumnElement[bool]:
    """Whether an event is about this subject."""
    return _equals(EVENT_SUBJECT, name)


def _equals(expression: str, text: str) -> ColumnElement[bool]:
    found: ColumnElement[str] = literal_column(expression, Text)
    return found == json.dumps(text)[1:-1]  # as documents write it
