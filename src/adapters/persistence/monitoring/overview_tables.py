"""The tables of the overview's aggregates: sums over recorded decisions by hour and by day (UTC)."""

from sqlalchemy import BigInteger, Column, Date, Numeric, SmallInteger, Table, Text, Uuid

from adapters.persistence.database.tables import TIMESTAMP, metadata, required

overview_cells = Table(
    "overview_cells",
    metadata,
    Column("hours", SmallInteger, primary_key=True, autoincrement=False),
    Column("begun", TIMESTAMP, primary_key=True),
    Column("month", Date, primary_key=True),
    Column("band", SmallInteger, primary_key=True, autoincrement=False),
    Column("outcome", Text, primary_key=True),
    Column("confidence", Text, primary_key=True),
    Column("model_version", Text, primary_key=True),
    Column("policy_version", Text, primary_key=True),
    required("decisions", BigInteger),
    required("pd_sum", Numeric),
    required("requested", Numeric),
    required("recommended", Numeric),
    required("outside_domain", BigInteger),
    required("earliest", TIMESTAMP),
    required("latest", TIMESTAMP),
)
"""Decisions with the key's values in common, of the 1 or 24 `hours` from `begun`.

`month` is that of the identifiers, by which decisions are archived. `earliest` and `latest` are the times of the
first and the last of these decisions. Sums are numeric, so that they do not depend on the order of adding.
"""

overview_reasons = Table(
    "overview_reasons",
    metadata,
    Column("hours", SmallInteger, primary_key=True, autoincrement=False),
    Column("begun", TIMESTAMP, primary_key=True),
    Column("month", Date, primary_key=True),
    Column("reason", Text, primary_key=True),
    required("decisions", BigInteger),
)
"""How many of these decisions were given each adverse action reason (its code)."""

overview_positions = Table(
    "overview_positions",
    metadata,
    Column("chain", Uuid, primary_key=True),
    required("length", BigInteger),
)
"""How many entries of each audit chain are in the aggregates."""
