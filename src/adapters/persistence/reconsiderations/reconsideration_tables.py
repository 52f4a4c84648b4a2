"""The tables of what applicants ask for, as the newest migration creates them."""

from sqlalchemy import Column, Index, Integer, Table, Text, UniqueConstraint, Uuid, text

from adapters.persistence.database.tables import TIMESTAMP, metadata, required

applicant_links = Table(
    "applicant_links",
    metadata,
    Column("link_id", Uuid, primary_key=True),
    required("application_id", Uuid),
    required("decision_id", Uuid),
    required("made_at", TIMESTAMP),
    required("made_by", Text),
    required("expires_at", TIMESTAMP),
    Column("revoked_at", TIMESTAMP),
    Index("applicant_links_applications", "application_id"),
)
"""The links by which applicants see their application. `decision_id` is its newest decision when it was made."""

reconsiderations = Table(
    "reconsiderations",
    metadata,
    Column("reconsideration_id", Uuid, primary_key=True),
    required("application_id", Uuid),
    required("decision_id", Uuid),
    required("case_id", Uuid),
    required("kind", Text),
    required("state", Text),
    required("version", Integer, server_default="0"),
    required("requested_at", TIMESTAMP),
    required("due_at", TIMESTAMP),
    Column("answered_at", TIMESTAMP),
    UniqueConstraint("case_id", name="reconsiderations_of_a_case"),
    Index("reconsiderations_applications", "application_id"),
    Index("reconsiderations_open", "application_id", unique=True, postgresql_where=text("state = 'open'")),
)
"""What applicants asked for, and the case that it opened. At most one of an application is open."""

reconsideration_contents = Table(
    "reconsideration_contents",
    metadata,
    Column("reconsideration_id", Uuid, primary_key=True),
    required("content", Text),
)
"""What applicants wrote, which can be erased; the audit trail has its digest."""

reconsideration_actions = Table(
    "reconsideration_actions",
    metadata,
    Column("action_id", Uuid, primary_key=True),
    required("application_id", Uuid),
    required("number", Integer),
    required("at", TIMESTAMP),
    required("actor", Text),
    required("kind", Text),
    required("document", Text),
    UniqueConstraint("application_id", "number", name="reconsideration_actions_are_numbered"),
)
"""Links, requests and answers, numbered within the application."""
