"""SQL that reads the figures of an overview: aggregates, and what they do not contain yet."""

from collections.abc import Collection

from adapters.persistence.audit.pending_entries import DECISION
from adapters.persistence.monitoring.decision_groups import (
    CELL,
    CELL_VALUES,
    CODES,
    SUMS,
    TOTALS,
    list_text,
)

HOUR_LIMITS = """
SELECT begun, min(earliest) AS earliest, max(latest) AS latest FROM overview_cells
WHERE hours = 1 AND begun = ANY(:hours) GROUP BY begun
"""
"""The times of the first and the last decision in the aggregates of some hours."""
READ_NAMES = "SELECT dimension, name FROM overview_names ORDER BY dimension, name"

CRITERIA = {
    "grade": ("grade = :grade", "grade = :grade"),
    "no_trials": ("trial IS NOT TRUE", "NOT trial"),
    "received_through": ("channel = :received_through", "received_through = :received_through"),
    "channel": ("caller_channel = :channel", "channel = :channel"),
    "source": ("source = :source", "source = :source"),
}
"""The conditions of an overview's criteria on decisions, and on aggregates."""
_OF_ORIGIN = {"received_through", "channel", "source"}
"""The criteria for which there are sums by origin."""

_BIN = "date_bin(:step, {}, :first_step)"


def people_statement(criteria: Collection[str] = ()) -> str:
    """The statement that counts what people decided last on the period's decisions.

    Decisions are found by the time in their identifiers. They are only looked up where that is close to an end of
    the period, or where `criteria` need them. Trial runs have no final decisions.
    """
    conditions = "".join(f" AND {CRITERIA[name][0]}" for name in criteria)
    looked_up = f"""(
        SELECT count(*) FROM decisions WHERE decisions.decision_id = final_decisions.decision_id
        AND decided_at >= :start AND decided_at < :end{conditions}
    ) > 0"""  # noqa: S608 - our own text
    inner = "decision_id >= :inner_first AND decision_id < :inner_last"
    needed = looked_up if set(criteria) - {"no_trials"} else f"(({inner}) OR {looked_up})"
    return f"""
SELECT system_outcome, outcome, count(*) AS decisions FROM (
    SELECT DISTINCT ON (decision_id) decision_id, system_outcome, outcome FROM final_decisions
    WHERE decision_id >= :outer_first AND decision_id < :outer_last AND {needed}
    ORDER BY decision_id, number DESC
) AS last GROUP BY system_outcome, outcome
"""  # noqa: S608 - our own text


def figure_statements(*, aggregated: bool, criteria: Collection[str] = ()) -> tuple[str, str, str]:
    """The statements that count a period's outcomes by step, its cells, and its reasons.

    Not `aggregated`, they count the decisions from `start` to `end`. Otherwise they add the aggregates of the
    parts, the decisions from `start` to `first` and from `last` to `end`, and the pending `subjects` in between.
    `criteria`, of `CRITERIA`, restrict all of these. The statements may return a group in several rows. Each has
    few groups: PostgreSQL would sort all rows on disk for many.
    """

    def counted(select: str, columns: str, group: str) -> str:
        return f"SELECT {select} FROM ({_rows(columns, aggregated, criteria)}) AS rows GROUP BY {group}"  # noqa: S608 - our own text

    series = counted(
        "begun, outcome, count(*)", f"{_BIN.format('decided_at')} AS begun, outcome", "begun, outcome"
    )
    cells = counted(f"{CELL}, {SUMS}", CELL_VALUES, CELL)
    lists = counted("reasons, count(*) AS decisions", f"{list_text('reasons')} AS reasons", "reasons")
    reasons = f"SELECT code AS reason, sum(decisions) FROM ({lists}) AS lists, {CODES} GROUP BY code"  # noqa: S608 - our own text
    if not aggregated:
        return series, cells, reasons
    return (
        _stored(f"{_BIN.format('begun')} AS begun, outcome, sum(decisions)", "cells", "1, 2", criteria) + series,
        _stored(f"{CELL}, {TOTALS}", "cells", CELL, criteria) + cells,
        _stored("reason, sum(decisions)", "reasons", "reason", criteria) + reasons,
    )


def _stored(select: str, what: str, group: str, criteria: Collection[str]) -> str:
    table = f"overview_origin_{what}" if _OF_ORIGIN & set(criteria) else f"overview_{what}"
    conditions = "".join(f" AND {CRITERIA[name][1]}" for name in criteria)
    return f"""
SELECT {select} FROM unnest(:part_hours, :part_starts, :part_ends) AS part (length, starts, ends)
JOIN {table} ON hours = length AND begun >= starts AND begun < ends{conditions}
GROUP BY {group} UNION ALL
"""  # noqa: S608 - our own text


def _rows(columns: str, aggregated: bool, criteria: Collection[str]) -> str:
    conditions = "".join(f" AND {CRITERIA[name][0]}" for name in criteria)
    within = f"decided_at >= :{{}} AND decided_at < :{{}}{conditions}"
    select = f"SELECT {columns} FROM decisions WHERE {within}"  # noqa: S608 - our own text
    if not aggregated:
        return select.format("start", "end")
    pending = f"SELECT {columns} FROM unnest(:subjects) AS pending (subject) {DECISION} WHERE {within}"  # noqa: S608 - our own text
    pending = pending.format("first", "last")
    return " UNION ALL ".join((select.format("start", "first"), select.format("last", "end"), pending))
