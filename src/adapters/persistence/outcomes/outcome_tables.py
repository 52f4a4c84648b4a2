"""The tables of loans and their outcomes, as the newest migration creates them."""

from sqlalchemy import (
    BigInteger,
    Column,
    Date,
    Double,
    Index,
    Integer,
    LargeBinary,
    Numeric,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
)

from adapters.persistence.database.tables import TIMESTAMP, metadata, required

loans = Table(
    "loans",
    metadata,
    Column("application_id", Uuid, primary_key=True),
    required("decision_id", Uuid),
    required("status", Text),
    required("status_on", Date),
    required("booked_on", Date),
    Column("closed_on", Date),
    Column("defaulted_on", Date),
    required("version", Integer),
    required("pd", Double),
    required("amount", Numeric(12, 2)),
    required("product", Text),
    required("grade", Text),
    required("requested_by", Text),
    Column("source", Text),
    required("changed_at", TIMESTAMP),
    Index("loans_booked", "booked_on", "application_id"),
)
"""The present state of each loan follows from `loan_outcomes`; PD, product and grade are those of the decision."""

loan_outcomes = Table(
    "loan_outcomes",
    metadata,
    Column("outcome_id", Uuid, primary_key=True),
    required("application_id", Uuid),
    required("number", Integer),
    required("at", TIMESTAMP),
    required("actor", Text),
    required("kind", Text),
    required("document", Text),
    UniqueConstraint("application_id", "number", name="loan_outcomes_are_numbered"),
)
"""What became of each loan, with corrections."""

outcome_imports = Table(
    "outcome_imports",
    metadata,
    Column("import_id", Uuid, primary_key=True),
    required("name", Text),
    required("submitted_at", TIMESTAMP),
    required("requested_by", Text),
    required("role", Text),
    Column("as_of", Date),
    required("size", BigInteger),
    required("digest", LargeBinary),
    required("state", Text),
    *(required(name, BigInteger) for name in ("rows_read", "recorded", "repeated", "refused")),
    required("share_done", Double),
    required("chunks", Integer),
    Column("started_at", TIMESTAMP),
    Column("finished_at", TIMESTAMP),
    Column("fault", Text),
    Column("lease", Uuid),
    Column("lease_until", TIMESTAMP),
    required("attempts", Integer, server_default="0"),
)
"""Files of outcomes in the fields of `domain.outcomes.outcome_import`, with the lease of their worker."""

outcome_import_chunks = Table(
    "outcome_import_chunks",
    metadata,
    Column("import_id", Uuid, primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    required("content", LargeBinary),
)
"""The uploaded content of unfinished imports."""

outcome_import_errors = Table(
    "outcome_import_errors",
    metadata,
    Column("import_id", Uuid, primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    required("errors", LargeBinary),
)
"""CSV lines that name each refused row and why."""
