"""The tables of the overview's aggregates: sums over recorded decisions by hour and by day (UTC)."""

from sqlalchemy import BigInteger, Boolean, Column, Date, Numeric, SmallInteger, Table, Text, Uuid

from adapters.persistence.database.tables import TIMESTAMP, metadata, required


def _number(name: str) -> Column[int]:
    return Column(name, SmallInteger, primary_key=True, autoincrement=False)


def _text(name: str) -> Column[str]:
    return Column(name, Text, primary_key=True)


def _cells(name: str, *origin: str) -> Table:
    return Table(
        name,
        metadata,
        _number("hours"),
        Column("begun", TIMESTAMP, primary_key=True),
        Column("month", Date, primary_key=True),
        _number("band"),
        *map(_text, ("outcome", "confidence", "model_version", "policy_version", "grade")),
        Column("trial", Boolean, primary_key=True),
        *map(_text, origin),
        required("decisions", BigInteger),
        required("pd_sum", Numeric),
        required("requested", Numeric),
        required("recommended", Numeric),
        required("outside_domain", BigInteger),
        required("earliest", TIMESTAMP),
        required("latest", TIMESTAMP),
    )


def _reasons(name: str, *origin: str) -> Table:
    return Table(
        name,
        metadata,
        _number("hours"),
        Column("begun", TIMESTAMP, primary_key=True),
        Column("month", Date, primary_key=True),
        *map(_text, ("reason", "grade")),
        Column("trial", Boolean, primary_key=True),
        *map(_text, origin),
        required("decisions", BigInteger),
    )


_ORIGIN = ("received_through", "channel", "source")
overview_cells = _cells("overview_cells")
"""Decisions with the key's values in common, of the 1 or 24 `hours` from `begun`.

`month` is that of the identifiers, by which decisions are archived. `earliest` and `latest` are the times of the
first and the last of these decisions. Sums are numeric, so that they do not depend on the order of adding.
"""
overview_reasons = _reasons("overview_reasons")
"""How many of these decisions were given each adverse action reason (its code)."""
overview_origin_cells = _cells("overview_origin_cells", *_ORIGIN)
"""The same, divided by origin. An overview without these criteria reads the fewer rows of `overview_cells`."""
overview_origin_reasons = _reasons("overview_origin_reasons", *_ORIGIN)

SUMS = (overview_cells, overview_reasons, overview_origin_cells, overview_origin_reasons)

overview_names = Table("overview_names", metadata, _text("dimension"), _text("name"))
"""The callers' channels and sources that have sums of their own."""

overview_positions = Table(
    "overview_positions",
    metadata,
    Column("chain", Uuid, primary_key=True),
    required("length", BigInteger),
)
"""How many entries of each audit chain are in the aggregates."""
