"""The privileges of each database role on each table: the only place where they are declared.

A new table needs an entry here, and a new column that a service writes must be added to its list of columns.
`scoring migrate` grants what is declared and revokes everything else. A role without an entry has no privilege on
the table. The owner of the tables, who runs the migrations and `scoring users`, needs no entry.

PostgreSQL requires UPDATE on some column to lock rows (`FOR UPDATE`). Where a service locks rows only to delete
them, one column is granted for that.
"""

from collections.abc import Mapping

API = "scoring_api"
"""The API and the web interface."""
WORKER = "scoring_worker"
"""Decides batches and delivers webhooks."""
READ = "scoring_read"
"""For reports and auditors: decisions and the audit trail, no credentials."""
ROLES = (API, WORKER, READ)
ACCESS = "scoring_access"
"""Adds, changes and removes users. API and web interface switch to it for the transaction of such a change only,
so that SQL injected into anything else cannot do so. It has no login, and its privileges are not inherited.
"""
GRANTED_ROLES = (*ROLES, ACCESS)

_APPEND = "SELECT, INSERT"
_OVERVIEW_CELLS = {
    API: "SELECT, INSERT, UPDATE (decisions, pd_sum, requested, recommended, outside_domain, earliest, latest)",
    READ: "SELECT",
}
_OVERVIEW_REASONS = {API: "SELECT, INSERT, UPDATE (decisions)", READ: "SELECT"}
_WORKER_DECISIONS = (
    "SELECT (decision_id, decided_at, requested_by, grade, pd, document, application_reference, source, trial), "
    "INSERT"
)
_CHANGED_CASES = (
    "UPDATE (due_at, state, version, assignee, assigned_at, lease_until, proposers, awaiting_since, answer_by, "
    "breached_at, ended_at, changed_at, changed_by, quality, request_due_at)"
)
_LOAN_STATE = "UPDATE (status, status_on, booked_on, closed_on, defaulted_on, version, changed_at)"
_IMPORT_STATE = (
    "UPDATE (state, rows_read, recorded, repeated, refused, share_done, chunks, started_at, finished_at, fault, "
    "lease, lease_until, attempts)"
)
_ARCHIVE = {API: _APPEND, WORKER: _APPEND, READ: "SELECT"}

TABLE_PRIVILEGES: Mapping[str, Mapping[str, str]] = {
    "alembic_version": {API: "SELECT", WORKER: "SELECT", READ: "SELECT"},
    "decisions": {API: _APPEND, WORKER: _WORKER_DECISIONS, READ: "SELECT"},
    "audit_entries": {
        API: _APPEND,
        WORKER: "SELECT (chain, sequence, digest), INSERT",
        READ: "SELECT",
        ACCESS: _APPEND,
    },
    "recorded_events": {API: _APPEND, READ: "SELECT", ACCESS: _APPEND},
    "verification_reports": {API: _APPEND, READ: "SELECT"},
    "checkpoints": {API: _APPEND, READ: "SELECT"},
    "checkpoint_heads": {API: _APPEND, READ: "SELECT"},
    "model_bundles": _ARCHIVE,
    "scoring_policies": _ARCHIVE,
    "product_definitions": _ARCHIVE,
    "cases": {
        API: f"SELECT, INSERT, {_CHANGED_CASES}",
        WORKER: f"SELECT, INSERT, {_CHANGED_CASES}",  # a case on a superseded decision is withdrawn
        READ: "SELECT",
    },
    "case_actions": {
        API: _APPEND,
        WORKER: "SELECT (action_id, case_id, number, at, kind), INSERT",  # no notes
        READ: "SELECT",
    },
    "final_decisions": {API: _APPEND, WORKER: "SELECT", READ: "SELECT"},
    "application_references": {
        API: "SELECT, INSERT, UPDATE (decision_id)",
        WORKER: "SELECT, INSERT, UPDATE (decision_id)",
        READ: "SELECT",
    },
    "superseded_decisions": {API: _APPEND, WORKER: _APPEND, READ: "SELECT"},
    "applicant_applications": {
        API: "SELECT, INSERT, UPDATE (accepted_amount)",
        WORKER: "SELECT, INSERT",
        READ: "SELECT",
    },
    "applications": {
        API: "SELECT, INSERT, UPDATE (decision_id, state, version, changed_at)",
        WORKER: "SELECT (application_id, decision_id, state), INSERT, UPDATE (decision_id, changed_at)",
        READ: "SELECT",
    },
    "application_actions": {
        API: _APPEND,
        WORKER: "SELECT (action_id, application_id, number, kind, document)",
        READ: "SELECT",
    },
    "trail_positions": {API: "SELECT, INSERT, UPDATE (length, began)"},
    "notices": {
        API: "SELECT, INSERT, UPDATE (state, version, issued_at, delivered_on, returned_on, changed_at, "
        "changed_by)",
        WORKER: "SELECT",  # for messages about them
        READ: "SELECT",
    },
    "notice_actions": {API: _APPEND, WORKER: "SELECT", READ: "SELECT"},
    "notice_letters": {API: _APPEND, READ: "SELECT"},
    "applicant_links": {API: "SELECT, INSERT, UPDATE (revoked_at)"},
    "reconsiderations": {API: "SELECT, INSERT, UPDATE (state, version, answered_at)", READ: "SELECT"},
    "reconsideration_contents": {API: _APPEND},
    "reconsideration_actions": {API: _APPEND, READ: "SELECT"},
    "loans": {API: f"SELECT, INSERT, {_LOAN_STATE}", WORKER: f"SELECT, INSERT, {_LOAN_STATE}", READ: "SELECT"},
    "loan_outcomes": {API: _APPEND, WORKER: _APPEND, READ: "SELECT"},
    "outcome_imports": {
        API: f"SELECT, INSERT, {_IMPORT_STATE}",  # for `scoring outcomes import`
        WORKER: f"SELECT, {_IMPORT_STATE}",
        READ: "SELECT",
    },
    "outcome_import_chunks": {API: "SELECT, INSERT, DELETE", WORKER: "SELECT, DELETE"},
    "outcome_import_errors": {API: _APPEND, WORKER: "INSERT", READ: "SELECT"},
    "webhook_subscriptions": {
        API: "SELECT, INSERT, UPDATE (ended_at, busy_until)",
        WORKER: "SELECT, UPDATE (busy_until, failures, failing_since, last_fault, last_delivered_at)",
        READ: "SELECT (subscription_id, owner, events, created_at, ended_at, failures, failing_since)",
        ACCESS: "SELECT (owner, ended_at), UPDATE (ended_at)",  # a removed user's subscriptions end
    },
    "overview_cells": _OVERVIEW_CELLS,
    "overview_reasons": _OVERVIEW_REASONS,
    "overview_origin_cells": _OVERVIEW_CELLS,
    "overview_origin_reasons": _OVERVIEW_REASONS,
    "overview_names": {API: "SELECT, INSERT", READ: "SELECT"},
    "overview_positions": {API: "SELECT, INSERT, UPDATE (length)", READ: "SELECT"},
    "policies_in_force": {API: "SELECT", WORKER: "SELECT", READ: "SELECT"},
    "users": {
        API: "SELECT, UPDATE (password_hash, generation, must_change_password, last_login_at)",
        ACCESS: "SELECT, INSERT, DELETE, UPDATE (role, generation)",
        READ: "SELECT (name, role, last_login_at)",
    },
    "web_sessions": {
        API: "SELECT, INSERT, UPDATE (last_seen_at, ended_at), DELETE",
        READ: "SELECT (name, address, started_at, last_seen_at, ended_at)",
    },
    "idempotency_keys": {API: "SELECT, INSERT, UPDATE (created_at), DELETE"},
    "log_in_attempts": {API: "SELECT, INSERT, UPDATE (until, name_key), DELETE"},
    "batches": {
        API: "SELECT, INSERT, UPDATE, DELETE",
        WORKER: "SELECT, UPDATE",
        # Neither webhook addresses, which often contain a token, nor leases.
        READ: "SELECT (batch_id, name, submitted_at, requested_by, role, size, digest, state, rows_read, "
        "rows_refused, approved, referred, declined, share_done, stretches, started_at, finished_at, fault, "
        "attempts, conventions, notices, trial, keep)",
    },
    "batch_chunks": {API: "SELECT (batch_id), INSERT, DELETE", WORKER: "SELECT, DELETE"},
    "batch_results": {API: "SELECT, DELETE", WORKER: "INSERT", READ: "SELECT"},
    "webhook_deliveries": {
        API: "SELECT, INSERT, UPDATE, DELETE",
        WORKER: "SELECT, INSERT, UPDATE, DELETE",
        READ: "SELECT (delivery_id, batch_id, subscription_id, recipient, event, created_at, state, attempts)",
    },
}

SEQUENCE_PRIVILEGES: Mapping[str, tuple[str, ...]] = {"user_generations": (API, ACCESS)}
"""The roles that may use each sequence."""

FUNCTION_PRIVILEGES: Mapping[str, tuple[str, ...]] = {"make_decisions_month": (API,)}
"""The roles that may execute the functions that run with the privileges of the tables' owner."""
