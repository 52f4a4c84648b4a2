"""The tables of applications, as the newest migration creates them."""

from sqlalchemy import Column, Index, Integer, Numeric, Table, Text, UniqueConstraint, Uuid, text

from adapters.persistence.database.tables import TIMESTAMP, metadata, required

application_references = Table(
    "application_references",
    metadata,
    Column("scope", Text, primary_key=True),
    Column("reference", Text, primary_key=True),
    required("decision_id", Uuid),
    required("application_id", Uuid),
)
"""The newest decision under a caller's reference. `scope` is the source, or the caller where none is given."""

superseded_decisions = Table(
    "superseded_decisions",
    metadata,
    Column("decision_id", Uuid, primary_key=True),
    required("superseded_by", Uuid),
    required("application_id", Uuid),
    required("superseded_at", TIMESTAMP),
    UniqueConstraint("superseded_by", name="superseded_decisions_by"),
    Index("superseded_decisions_applications", "application_id"),
)
"""Which decision superseded which. `application_id` is the first decision of the chain."""

applicant_applications = Table(
    "applicant_applications",
    metadata,
    Column("applicant_reference", Text, primary_key=True),
    Column("product", Text, primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    required("decision_id", Uuid),
    required("decided_at", TIMESTAMP),
    Column("declined_at", TIMESTAMP),
    Column("accepted_amount", Numeric(12, 2)),
    Index("applicant_applications_decisions", "decision_id"),
    Index(
        "applicant_applications_accepted",
        "applicant_reference",
        postgresql_where=text("accepted_amount IS NOT NULL"),
    ),
)
"""The applications of each applicant, numbered from 1 so that of two simultaneous ones the second conflicts.

`declined_at` is the time of a decline by the system from which a cooling-off counts.
"""

applications = Table(
    "applications",
    metadata,
    Column("application_id", Uuid, primary_key=True),
    required("decision_id", Uuid),
    required("state", Text),
    required("version", Integer),
    required("changed_at", TIMESTAMP),
    Index("applications_states", "state", "changed_at", "application_id"),
)
"""The present state of applications on which something happened after the decision; the rest follow from it."""

application_actions = Table(
    "application_actions",
    metadata,
    Column("action_id", Uuid, primary_key=True),
    required("application_id", Uuid),
    required("number", Integer),
    required("at", TIMESTAMP),
    required("actor", Text),
    required("kind", Text),
    required("document", Text),
    UniqueConstraint("application_id", "number", name="application_actions_are_numbered"),
)
"""What was done to each application: `document` is the whole action, `number` counts from 1."""
