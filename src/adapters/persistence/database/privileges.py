"""What each role of the database may do with each table: the one place where rights are declared.

A new table gets a row here, a new column that a service writes gets its name in the list of columns; `scoring
migrate` grants what is written and revokes everything else. A role without an entry has no right on the table. The
owner of the tables, who runs the migrations and `scoring users`, needs no entry.

PostgreSQL asks for UPDATE on some column to lock rows (`FOR UPDATE`): where a service locks rows only to delete
them, that is the one column granted.
"""

from collections.abc import Mapping

API = "scoring_api"
"""The API and the web interface."""
WORKER = "scoring_worker"
"""Decides batches and delivers webhooks."""
READ = "scoring_read"
"""Reports and auditors: decisions and the audit trail, no credentials."""
ROLES = (API, WORKER, READ)

_APPEND = "SELECT, INSERT"
_KEEP_VERSIONS = {API: _APPEND, WORKER: _APPEND, READ: "SELECT"}

TABLE_PRIVILEGES: Mapping[str, Mapping[str, str]] = {
    "alembic_version": {API: "SELECT", WORKER: "SELECT", READ: "SELECT"},
    "decisions": {API: _APPEND, WORKER: "INSERT", READ: "SELECT"},
    "audit_entries": {API: _APPEND, WORKER: "INSERT", READ: "SELECT"},
    "recorded_events": {API: _APPEND, READ: "SELECT"},
    "checkpoints": {API: _APPEND, READ: "SELECT"},
    "checkpoint_heads": {API: _APPEND, READ: "SELECT"},
    "model_bundles": _KEEP_VERSIONS,
    "scoring_policies": _KEEP_VERSIONS,
    "users": {
        API: "SELECT, UPDATE (password_hash, generation, must_change_password)",
        READ: "SELECT (name, role)",
    },
    "web_sessions": {
        API: "SELECT, INSERT, UPDATE (last_seen_at, ended_at), DELETE",
        READ: "SELECT (name, address, started_at, last_seen_at, ended_at)",
    },
    "idempotency_keys": {API: "SELECT, INSERT, UPDATE (created_at), DELETE"},
    "log_in_attempts": {API: "SELECT, INSERT, UPDATE (until), DELETE"},
    "batches": {
        API: "SELECT, INSERT, UPDATE, DELETE",
        WORKER: "SELECT, UPDATE",
        # Neither the addresses of webhooks, which often contain a token, nor leases.
        READ: "SELECT (batch_id, name, submitted_at, requested_by, role, size, digest, state, rows_read, "
        "rows_refused, approved, referred, declined, share_done, stretches, started_at, finished_at, fault, "
        "attempts)",
    },
    "batch_chunks": {API: "SELECT (batch_id), INSERT, DELETE", WORKER: "SELECT, DELETE"},
    "batch_results": {API: "SELECT, DELETE", WORKER: "INSERT", READ: "SELECT"},
    "webhook_deliveries": {
        API: "SELECT, INSERT, UPDATE, DELETE",
        WORKER: "SELECT, INSERT, UPDATE",
        READ: "SELECT (delivery_id, batch_id, recipient, event, created_at, state, attempts)",
    },
}

SEQUENCE_PRIVILEGES: Mapping[str, tuple[str, ...]] = {"user_generations": (API,)}
"""Who may take the next value of a sequence."""

FUNCTION_PRIVILEGES: Mapping[str, tuple[str, ...]] = {"make_decisions_month": (API,)}
"""Who may execute the functions that run with the rights of the tables' owner."""
