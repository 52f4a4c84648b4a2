"""SQL that finds the audit entries that a consumer has not followed yet.

A consumer's position states how far it has followed each chain. Entries of a chain are numbered without gaps and
become visible in order, whenever their transaction commits, so that a position is exact where a time would not be.
"""

from adapters.persistence.audit.checkpoints import CHAINS

PREPARE = """
SELECT set_config('enable_bitmapscan', 'off', true), set_config('enable_seqscan', 'off', true),
    set_config('plan_cache_mode', 'force_custom_plan', true)
"""
"""The next entries of a long chain are found in order, without reading and sorting those that follow."""

DECISION = "CROSS JOIN LATERAL (SELECT * FROM decisions WHERE decision_id = subject OFFSET 0) AS decision"
"""The decision of each subject, looked up one by one: another plan would read all decisions."""


def with_pending(positions: str) -> str:
    """The common table expressions `chains` and `pending`, for a table or subquery with `chain` and `length`.

    `pending` has at most :limit entries after the positions, up to each chain's first gap: the service did not
    write what is beyond, and however much that is, it takes no place from the entries of other chains.
    """
    return f"""
{CHAINS}, pending AS MATERIALIZED (
    SELECT entry.* FROM chains LEFT JOIN {positions} USING (chain) CROSS JOIN LATERAL (
        SELECT chain, sequence, subject, action, at FROM (
            SELECT *, coalesce(length, 0) + row_number() OVER (ORDER BY sequence) AS expected FROM (
                SELECT chain, sequence, subject, action, at FROM audit_entries
                WHERE audit_entries.chain = chains.chain AND sequence > coalesce(length, 0)
                ORDER BY sequence LIMIT CAST(:limit AS bigint)
            ) AS following
        ) AS numbered
        WHERE sequence = expected
    ) AS entry
    LIMIT CAST(:limit AS bigint)
)
"""  # noqa: S608 - our own text


def count_pending(positions: str) -> str:
    """The statement that counts the entries after the positions, including those beyond a gap."""
    return f"""
{CHAINS}
SELECT coalesce(sum(last.sequence - coalesce(length, 0)), 0)::bigint
FROM chains LEFT JOIN {positions} USING (chain) CROSS JOIN LATERAL (
    SELECT sequence FROM audit_entries WHERE audit_entries.chain = chains.chain ORDER BY sequence DESC LIMIT 1
) AS last
"""  # noqa: S608 - our own text
