"""The tables of notices, as the newest migration creates them."""

from sqlalchemy import Column, Date, Index, Integer, LargeBinary, Table, Text, UniqueConstraint, Uuid, text

from adapters.persistence.database.tables import TIMESTAMP, metadata, required

UNSENT = "state IN ('due', 'issued') AND delivered_on IS NULL"
"""Whether a notice was not sent and should be."""

notices = Table(
    "notices",
    metadata,
    Column("notice_id", Uuid, primary_key=True),
    required("kind", Text),
    required("cause", Text),
    required("decision_id", Uuid),
    required("application_id", Uuid),
    required("received_at", TIMESTAMP),
    required("due_at", TIMESTAMP),
    required("state", Text),
    required("version", Integer, server_default="0"),
    Column("issued_at", TIMESTAMP),
    Column("delivered_on", Date),
    Column("returned_on", Date),
    Column("changed_at", TIMESTAMP),
    Column("changed_by", Text),
    required("requested_by", Text),
    Column("application_reference", Text),
    Column("applicant_reference", Text),
    Column("source", Text),
    Index("notices_unsent", "due_at", "notice_id", "state", postgresql_where=text(UNSENT)),
    Index("notices_listed", "due_at", "notice_id"),
    Index("notices_states", "state", "due_at", "notice_id"),
    Index("notices_owners", "requested_by", "due_at", "notice_id"),
    Index("notices_applications", "application_id"),
    Index("notices_decisions", "decision_id"),
)
"""Notices that are or were owed, in their present state. Actions on them are in `notice_actions`.

`notice_id` identifies what made one due, `cause` says whether that is a decision, a final decision or an action.

`received_at` is when the complete application was received, from which the time until `due_at` counts.
"""

notice_actions = Table(
    "notice_actions",
    metadata,
    Column("action_id", Uuid, primary_key=True),
    required("notice_id", Uuid),
    required("number", Integer),
    required("at", TIMESTAMP),
    required("actor", Text),
    required("kind", Text),
    required("document", Text),
    UniqueConstraint("notice_id", "number", name="notice_actions_are_numbered"),
)
"""What was done with each notice."""

notice_letters = Table(
    "notice_letters",
    metadata,
    Column("notice_id", Uuid, primary_key=True),
    Column("format", Text, primary_key=True),
    required("sha256", LargeBinary),
    required("content", LargeBinary),
)
"""The exact bytes of issued letters."""
