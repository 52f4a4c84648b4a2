"""SQL that adds decisions to the aggregates of the overview.

Aggregates follow the audit chains: `overview_positions` states how far each chain is added (pending_entries.py).
Everything that an audit entry proves is in the aggregates or among the pending entries.
"""

from adapters.persistence.audit.pending_entries import DECISION, count_pending, with_pending
from adapters.persistence.monitoring.decision_groups import (
    CELL,
    CELL_VALUES,
    CODES,
    HOUR,
    KIND,
    KIND_VALUES,
    MONTH,
    ORIGIN,
    ORIGIN_VALUES,
    SUM_NAMES,
    SUMS,
    TOTALS,
    list_text,
)
from domain.audit.subject import DECISION_RECORDED
from domain.monitoring.overview_filter import MOST_NAMES

ADDING_LOCK = 6_031_127_955
"""The advisory lock of the process that changes aggregates."""

_PENDING = with_pending("overview_positions")
_OF_PENDING = f"FROM pending {DECISION} WHERE action = '{DECISION_RECORDED}'"

_BEGUN = "date_trunc(step, hour AT TIME ZONE 'UTC') AT TIME ZONE 'UTC'"
_STEPS = "(VALUES (1::smallint, 'hour'), (24::smallint, 'day')) AS steps (hours, step)"
OTHER_NAME = " other"
"""The channel or source of decisions whose own has no sums; no caller's, since theirs begin with no space."""
_NAMES = f"""
known AS MATERIALIZED (SELECT dimension, name FROM overview_names),
given AS (
    SELECT dimension, name, min(earliest) AS since FROM grouped
    CROSS JOIN LATERAL (VALUES ('channel', channel), ('source', source)) AS named (dimension, name)
    WHERE name <> '' GROUP BY dimension, name
), fresh AS (
    SELECT dimension, name, row_number() OVER (PARTITION BY dimension ORDER BY since, name)
        + (SELECT count(*) FROM known WHERE known.dimension = given.dimension) AS place
    FROM given WHERE (dimension, name) NOT IN (SELECT dimension, name FROM known)
), kept AS (
    INSERT INTO overview_names (dimension, name) SELECT dimension, name FROM fresh WHERE place <= {MOST_NAMES}
    RETURNING dimension, name
), names AS MATERIALIZED (SELECT dimension, name FROM known UNION ALL SELECT dimension, name FROM kept)
"""  # noqa: S608 - our own text
"""The names with sums of their own: those known, and the first new ones while there is room."""


def _own_or_other(name: str) -> str:
    known = f"EXISTS (SELECT FROM names WHERE dimension = '{name}' AND name = {name})"
    return f"CASE WHEN {name} = '' OR {known} THEN {name} ELSE '{OTHER_NAME}' END AS {name}"


_NAMED_ORIGIN = f"received_through, {_own_or_other('channel')}, {_own_or_other('source')}"


def _added(source: str) -> str:
    """Adds the decisions of a FROM clause to the aggregates, as common table expressions."""
    return f"""
counted AS MATERIALIZED (
    SELECT decided_at, {HOUR} AS hour, {MONTH} AS month, {CELL_VALUES}, {KIND_VALUES}, {ORIGIN_VALUES},
        {list_text("reasons")} AS reasons
    {source}
), grouped AS MATERIALIZED (
    SELECT hour, month, {CELL}, {KIND}, {ORIGIN}, {SUMS}, min(decided_at) AS earliest, max(decided_at) AS latest
    FROM counted GROUP BY hour, month, {CELL}, {KIND}, {ORIGIN}
), lists AS MATERIALIZED (
    SELECT hour, month, {KIND}, {ORIGIN}, reasons, count(*) AS decisions
    FROM counted WHERE reasons <> '' GROUP BY hour, month, {KIND}, {ORIGIN}, reasons
), codes AS MATERIALIZED (
    SELECT hour, month, {KIND}, {ORIGIN}, code, sum(decisions) AS decisions
    FROM lists, {CODES} GROUP BY hour, month, {KIND}, {ORIGIN}, code
), {_NAMES}, named_groups AS (
    SELECT hour, month, {CELL}, {KIND}, {_NAMED_ORIGIN}, {", ".join(SUM_NAMES)}, earliest, latest FROM grouped
), named_codes AS (
    SELECT hour, month, {KIND}, {_NAMED_ORIGIN}, code, decisions FROM codes
), added_cells AS ({_cells("overview_cells", "grouped", KIND)}
), added_origin_cells AS ({_cells("overview_origin_cells", "named_groups", f"{KIND}, {ORIGIN}")}
), added_reasons AS ({_reasons("overview_reasons", "codes", KIND)}
), added_origin_reasons AS ({_reasons("overview_origin_reasons", "named_codes", f"{KIND}, {ORIGIN}")}
)"""  # noqa: S608 - our own text


def _cells(table: str, source: str, kind: str) -> str:
    more = ", ".join(f"{name} = {table}.{name} + excluded.{name}" for name in SUM_NAMES)
    return f"""
    INSERT INTO {table} (hours, begun, month, {CELL}, {kind}, {", ".join(SUM_NAMES)}, earliest, latest)
    SELECT hours, {_BEGUN} AS begun, month, {CELL}, {kind}, {TOTALS}, min(earliest), max(latest)
    FROM {source}, {_STEPS}
    GROUP BY hours, begun, month, {CELL}, {kind}
    ON CONFLICT (hours, begun, month, {CELL}, {kind}) DO UPDATE SET {more},
        earliest = least({table}.earliest, excluded.earliest), latest = greatest({table}.latest, excluded.latest)
"""  # noqa: S608 - our own text


def _reasons(table: str, source: str, kind: str) -> str:
    return f"""
    INSERT INTO {table} (hours, begun, month, reason, {kind}, decisions)
    SELECT hours, {_BEGUN} AS begun, month, code, {kind}, sum(decisions)
    FROM {source}, {_STEPS}
    GROUP BY hours, begun, month, code, {kind}
    ON CONFLICT (hours, begun, month, reason, {kind})
        DO UPDATE SET decisions = {table}.decisions + excluded.decisions
"""  # noqa: S608 - our own text


READ_EVERYTHING = "SELECT set_config('enable_bitmapscan', 'on', true), set_config('enable_seqscan', 'on', true)"
ADD_PENDING = f"""
{_PENDING}, {_added(_OF_PENDING)}, positions AS (
    INSERT INTO overview_positions (chain, length) SELECT chain, max(sequence) FROM pending GROUP BY chain
    ON CONFLICT (chain) DO UPDATE SET length = excluded.length
)
SELECT count(*) FROM pending
"""  # noqa: S608 - our own text
READ_PENDING = f"{_PENDING} SELECT subject FROM pending WHERE action = '{DECISION_RECORDED}'"  # noqa: S608 - our own text
COUNT_PENDING = count_pending("overview_positions")


def add_table(table: str) -> str:
    """The statement that adds all decisions of a table to the aggregates."""
    return f"WITH {_added(f'FROM {table}')} SELECT count(*) FROM counted"  # noqa: S608 - our own text
