"""SQL that aggregates decisions for the overview, and reads the aggregates.

Aggregates follow the audit chains: `overview_positions` states how far each chain is added. Entries of a chain are
numbered without gaps and become visible in order, whenever their transaction commits, so that a position is exact
where a time would not be. Everything that an audit entry proves is in the aggregates or among the pending entries.
"""

from adapters.persistence.audit.checkpoints import CHAINS
from domain.audit.subject import DECISION_RECORDED
from domain.monitoring.overview import PD_EDGES

ADDING_LOCK = 6_031_127_955
"""The advisory lock of the process that changes aggregates."""

_PENDING = """
pending AS MATERIALIZED (
    SELECT entry.* FROM chains LEFT JOIN overview_positions USING (chain) CROSS JOIN LATERAL (
        SELECT chain, sequence, subject, action FROM (
            SELECT *, coalesce(length, 0) + row_number() OVER (ORDER BY sequence) AS expected FROM (
                SELECT chain, sequence, subject, action FROM audit_entries
                WHERE audit_entries.chain = chains.chain AND sequence > coalesce(length, 0)
                ORDER BY sequence LIMIT CAST(:limit AS bigint)
            ) AS following
        ) AS numbered
        WHERE sequence = expected
    ) AS entry
    LIMIT CAST(:limit AS bigint)
)
"""
"""Entries after the positions, up to each chain's first gap: the service did not write what is beyond, and however
much that is, it takes no place from the entries of other chains.
"""
_DECISION = "CROSS JOIN LATERAL (SELECT * FROM decisions WHERE decision_id = subject OFFSET 0) AS decision"
"""The decision of each subject, looked up one by one: another plan would read all decisions."""
_OF_PENDING = f"FROM pending {_DECISION} WHERE action = '{DECISION_RECORDED}'"


def _list_text(name: str) -> str:
    """The text between the brackets of a list in the document, found without parsing the rest as JSON.

    A document has one form (`documents.py`), and text in it cannot imitate a field name, since its quotes are
    escaped. Parsing 1.6 kB as `jsonb` takes 40 µs, this takes 2 µs. Of a document in no such form it is anything,
    but no error: the decision still counts by its columns.
    """
    return f"split_part(split_part(document, '\"{name}\":[', 2), ']', 1)"


_HOUR = "date_trunc('hour', decided_at AT TIME ZONE 'UTC') AT TIME ZONE 'UTC'"
_MONTH = """date_trunc('month', to_timestamp(
    ('x' || left(replace(decision_id::text, '-', ''), 12))::bit(48)::bigint / 1000) AT TIME ZONE 'UTC')::date"""
"""The month of the milliseconds with which an identifier begins (UUID version 7)."""
_BAND = f"width_bucket(pd, ARRAY[{', '.join(map(str, PD_EDGES))}]::float8[])::smallint AS band"
_CELL = "band, outcome, confidence, model_version, policy_version"
_CELL_VALUES = f"""
    {_BAND}, outcome, confidence, model_version, policy_version, pd::text::numeric AS pd,
    loan_amnt, recommended_amount, {_list_text("out_of_domain")} <> '' AS outside
"""
_SUMS = """
    count(*) AS decisions, sum(pd) AS pd_sum, sum(loan_amnt) AS requested, sum(recommended_amount) AS recommended,
    count(*) FILTER (WHERE outside) AS outside_domain
"""
_SUM_NAMES = ("decisions", "pd_sum", "requested", "recommended", "outside_domain")
_TOTALS = ", ".join(f"sum({name}) AS {name}" for name in _SUM_NAMES)
_CODES = """
string_to_table(reasons, '"code":"') WITH ORDINALITY AS item (rest, number), split_part(rest, '"', 1) AS code
WHERE number > 1 AND length(code) BETWEEN 1 AND 200
"""
"""The codes in a list of reasons. A regular expression takes ten to hundred times as long.

A longer code is that of a damaged document, and would not fit into the index of `overview_reasons`.
"""
_BEGUN = "date_trunc(step, hour AT TIME ZONE 'UTC') AT TIME ZONE 'UTC'"
_STEPS = "(VALUES (1::smallint, 'hour'), (24::smallint, 'day')) AS steps (hours, step)"


def _added(source: str) -> str:
    """Adds the decisions of a FROM clause to the aggregates, as common table expressions."""
    more = ", ".join(f"{name} = overview_cells.{name} + excluded.{name}" for name in _SUM_NAMES)
    return f"""
counted AS MATERIALIZED (
    SELECT decided_at, {_HOUR} AS hour, {_MONTH} AS month, {_CELL_VALUES}, {_list_text("reasons")} AS reasons
    {source}
), added_cells AS (
    INSERT INTO overview_cells
        (hours, begun, month, {_CELL}, {", ".join(_SUM_NAMES)}, earliest, latest)
    SELECT hours, {_BEGUN} AS begun, month, {_CELL}, {_TOTALS}, min(earliest), max(latest)
    FROM (
        SELECT hour, month, {_CELL}, {_SUMS}, min(decided_at) AS earliest, max(decided_at) AS latest
        FROM counted GROUP BY hour, month, {_CELL}
    ) AS cells, {_STEPS}
    GROUP BY hours, begun, month, {_CELL}
    ON CONFLICT (hours, begun, month, {_CELL}) DO UPDATE SET {more},
        earliest = least(overview_cells.earliest, excluded.earliest),
        latest = greatest(overview_cells.latest, excluded.latest)
), added_reasons AS (
    INSERT INTO overview_reasons (hours, begun, month, reason, decisions)
    SELECT hours, {_BEGUN} AS begun, month, code, sum(decisions)
    FROM (
        SELECT hour, month, reasons, count(*) AS decisions
        FROM counted WHERE reasons <> '' GROUP BY hour, month, reasons
    ) AS lists, {_STEPS}, {_CODES}
    GROUP BY hours, begun, month, code
    ON CONFLICT (hours, begun, month, reason)
        DO UPDATE SET decisions = overview_reasons.decisions + excluded.decisions
)"""  # noqa: S608 - our own text


PREPARE = """
SELECT set_config('enable_bitmapscan', 'off', true), set_config('enable_seqscan', 'off', true),
    set_config('plan_cache_mode', 'force_custom_plan', true)
"""
"""The next entries of a long chain are found in order, without reading and sorting those that follow."""
READ_EVERYTHING = "SELECT set_config('enable_bitmapscan', 'on', true), set_config('enable_seqscan', 'on', true)"
ADD_PENDING = f"""
{CHAINS}, {_PENDING}, {_added(_OF_PENDING)}, positions AS (
    INSERT INTO overview_positions (chain, length) SELECT chain, max(sequence) FROM pending GROUP BY chain
    ON CONFLICT (chain) DO UPDATE SET length = excluded.length
)
SELECT count(*) FROM pending
"""  # noqa: S608 - our own text
READ_PENDING = f"{CHAINS}, {_PENDING} SELECT subject FROM pending WHERE action = '{DECISION_RECORDED}'"  # noqa: S608 - our own text
COUNT_PENDING = f"""
{CHAINS}
SELECT coalesce(sum(last.sequence - coalesce(length, 0)), 0)::bigint
FROM chains LEFT JOIN overview_positions USING (chain) CROSS JOIN LATERAL (
    SELECT sequence FROM audit_entries WHERE audit_entries.chain = chains.chain ORDER BY sequence DESC LIMIT 1
) AS last
"""  # noqa: S608 - our own text
HOUR_LIMITS = """
SELECT begun, min(earliest) AS earliest, max(latest) AS latest FROM overview_cells
WHERE hours = 1 AND begun = ANY(:hours) GROUP BY begun
"""
"""The times of the first and the last decision in the aggregates of some hours."""


def add_table(table: str) -> str:
    """The statement that adds all decisions of a table to the aggregates."""
    return f"WITH {_added(f'FROM {table}')} SELECT count(*) FROM counted"  # noqa: S608 - our own text


_BIN = "date_bin(:step, {}, :first_step)"
_STORED = """
SELECT {} FROM unnest(:part_hours, :part_starts, :part_ends) AS part (length, starts, ends)
JOIN overview_{} ON hours = length AND begun >= starts AND begun < ends
GROUP BY {} UNION ALL
"""


def figure_statements(*, aggregated: bool) -> tuple[str, str, str]:
    """The statements that count a period's outcomes by step, its cells, and its reasons.

    Not `aggregated`, they count the decisions from `start` to `end`. Otherwise they add the aggregates of the
    parts, the decisions from `start` to `first` and from `last` to `end`, and the pending `subjects` in between.
    They may return a group in several rows. Each has few groups: PostgreSQL would sort all rows on disk for many.
    """
    series = _counts(
        "begun, outcome, count(*)", f"{_BIN.format('decided_at')} AS begun, outcome", "begun, outcome", aggregated
    )
    cells = _counts(f"{_CELL}, {_SUMS}", _CELL_VALUES, _CELL, aggregated)
    lists = _counts("reasons, count(*) AS decisions", f"{_list_text('reasons')} AS reasons", "reasons", aggregated)
    reasons = f"SELECT code AS reason, sum(decisions) FROM ({lists}) AS lists, {_CODES} GROUP BY code"  # noqa: S608 - our own text
    if not aggregated:
        return series, cells, reasons
    return (
        _STORED.format(f"{_BIN.format('begun')} AS begun, outcome, sum(decisions)", "cells", "1, 2") + series,
        _STORED.format(f"{_CELL}, {_TOTALS}", "cells", _CELL) + cells,
        _STORED.format("reason, sum(decisions)", "reasons", "reason") + reasons,
    )


def _counts(select: str, columns: str, group: str, aggregated: bool) -> str:
    return f"SELECT {select} FROM ({_rows(columns, aggregated)}) AS rows GROUP BY {group}"  # noqa: S608 - our own text


def _rows(columns: str, aggregated: bool) -> str:
    within = "decided_at >= :{} AND decided_at < :{}"
    select = f"SELECT {columns} FROM decisions WHERE {within}"  # noqa: S608 - our own text
    if not aggregated:
        return select.format("start", "end")
    pending = f"SELECT {columns} FROM unnest(:subjects) AS pending (subject) {_DECISION} WHERE {within}"  # noqa: S608 - our own text
    pending = pending.format("first", "last")
    return " UNION ALL ".join((select.format("start", "first"), select.format("last", "end"), pending))
