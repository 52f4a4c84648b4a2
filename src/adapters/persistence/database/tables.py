"""The tables, as the newest migration creates them."""

from functools import partial

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    DateTime,
    Double,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Numeric,
    Sequence,
    Table,
    Text,
    Uuid,
    false,
    func,
    literal_column,
)

metadata = MetaData()
required = partial(Column, nullable=False)
TIMESTAMP = DateTime(timezone=True)


def has_length(column: str, length: int, kind: str) -> CheckConstraint:
    """Limits a column of bytes to values of one length."""
    return CheckConstraint(f"length({column}) = {length}", name=f"{column}_is_{kind}")


def _plausible_time(column: str) -> CheckConstraint:
    """Limits a time to what Python can represent, since PostgreSQL's range is wider."""
    between = f"{column} BETWEEN '1970-01-01 00:00:00+00' AND '9999-01-01 00:00:00+00'"
    return CheckConstraint(between, name=f"{column}_is_plausible")


decisions = Table(
    "decisions",
    metadata,
    Column("decision_id", Uuid, primary_key=True),
    required("decided_at", TIMESTAMP),
    required("requested_by", Text),
    required("role", Text),
    required("channel", Text),
    required("outcome", Text),
    required("pd", Double),
    required("score_points", Integer),
    required("grade", Text),
    required("confidence", Text),
    required("loan_amnt", Numeric(12, 2)),
    required("term", Integer),
    Column("purpose", Text),
    required("recommended_amount", Numeric(12, 2)),
    required("model_version", Text),
    required("policy_version", Text),
    required("document", Text),
    Column("application_reference", Text),
    Column("applicant_reference", Text),
    Column("source", Text),
    Column("caller_channel", Text),
    Column("trial", Boolean),
    _plausible_time("decided_at"),
    postgresql_partition_by="RANGE (decision_id)",
)
"""Recorded decisions: `document` is the whole record; the other columns repeat parts of it for searching.
`channel` is how the application arrived, `caller_channel` the caller's own; `trial` is true or NULL.

Its partitions are months, by the time in the identifiers; `decisions_default` holds decisions that no month
covers.
"""

_INCLUDED = {
    "decisions_listed": "outcome grade requested_by purpose loan_amnt channel model_version policy_version source "
    "caller_channel trial",
    "decisions_by_amount": "decided_at outcome grade requested_by",
    "decisions_by_pd": "decided_at outcome grade requested_by",
}
for _name, _column in zip(_INCLUDED, (decisions.c.decided_at, decisions.c.loan_amnt, decisions.c.pd), strict=True):
    Index(_name, _column, decisions.c.decision_id, postgresql_include=_INCLUDED[_name].split())
# They answer filters that match many decisions, in each order, without reading the wide rows.
Index(
    "decisions_filters",
    decisions.c.requested_by,
    decisions.c.grade,
    decisions.c.outcome,
    decisions.c.purpose,
)
# With those below, answers filters that match few. Equal keys share an entry (B-tree deduplication), about
# 10 bytes for each decision.
for _column in (decisions.c.application_reference, decisions.c.applicant_reference):
    Index(
        f"decisions_{_column.name}s",
        func.lower(_column).label("in_lower_case"),
        postgresql_ops={"in_lower_case": "text_pattern_ops"},
        postgresql_where=_column.is_not(None),
    )
for _name, _column in {"sources": decisions.c.source, "caller_channels": decisions.c.caller_channel}.items():
    Index(
        f"decisions_{_name}",
        _column,
        decisions.c.decided_at,
        decisions.c.decision_id,
        postgresql_where=_column.is_not(None),
    )
Index("decisions_trials", decisions.c.decided_at, decisions.c.decision_id, postgresql_where=decisions.c.trial)

DIGESTS = ("content_digest", "previous", "digest")

trail_positions = Table(
    "trail_positions",
    metadata,
    Column("consumer", Text, primary_key=True),
    Column("chain", Uuid, primary_key=True),
    required("length", BigInteger),
    required("began", BigInteger, server_default="0"),
)
"""How many entries of each chain of the audit trail a consumer has followed, after those before it `began`."""

audit_entries = Table(
    "audit_entries",
    metadata,
    Column("chain", Uuid, primary_key=True),
    Column("sequence", BigInteger, primary_key=True, autoincrement=False),
    required("at", TIMESTAMP),
    required("actor", Text),
    required("action", Text),
    required("subject", Uuid),
    *(required(name, LargeBinary) for name in DIGESTS),
    *(has_length(name, 32, "sha256") for name in DIGESTS),
    CheckConstraint("sequence > 0", name="sequence_counts_from_1"),
    _plausible_time("at"),
    Index("audit_entries_subject", "subject"),
)
"""The audit trail: links of hash chains, in the fields of `domain.audit.entry.AuditEntry`."""

checkpoints = Table(
    "checkpoints",
    metadata,
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    required("at", TIMESTAMP),
    required("previous", LargeBinary),
    required("public_key", LargeBinary),
    required("signature", LargeBinary),
    CheckConstraint("number > 0", name="number_counts_from_1"),
    _plausible_time("at"),
    has_length("previous", 32, "sha256"),
    has_length("public_key", 32, "ed25519"),
    has_length("signature", 64, "ed25519"),
)
"""Signed checkpoints, in the fields of `domain.audit.checkpoint`."""

checkpoint_heads = Table(
    "checkpoint_heads",
    metadata,
    Column("chain", Uuid, primary_key=True),
    required("length", BigInteger),
    Column(
        "number",
        BigInteger,
        ForeignKey("checkpoints.number", name="head_of_a_checkpoint"),
        primary_key=True,
        autoincrement=False,
    ),
    required("digest", LargeBinary),
    CheckConstraint("length > 0", name="length_counts_from_1"),
    has_length("digest", 32, "sha256"),
    Index("checkpoint_heads_chain", "chain", "length"),
)
"""The chains that checkpoint `number` states: the length of each and its last digest."""

model_bundles = Table(
    "model_bundles",
    metadata,
    Column("fingerprint", Text, primary_key=True),
    Column("file", Text, primary_key=True),
    required("content", LargeBinary),
)
"""The files of every model that made decisions, by the bundle's fingerprint."""

scoring_policies = Table(
    "scoring_policies",
    metadata,
    Column("fingerprint", Text, primary_key=True),
    required("version", Text),
    required("document", Text),
    Index("scoring_policies_version", "version"),
)
"""Every policy that made decisions; `fingerprint` is the SHA-256 of its document (hexadecimal)."""

product_definitions = Table(
    "product_definitions",
    metadata,
    Column("fingerprint", Text, primary_key=True),
    required("name", Text),
    required("version", Text),
    required("document", Text),
)
"""Every product definition that made decisions; `fingerprint` is the SHA-256 of its document (hexadecimal)."""

policies_in_force = Table(
    "policies_in_force",
    metadata,
    Column("number", Integer, primary_key=True),
    Column("fingerprint", Text, ForeignKey("scoring_policies.fingerprint"), nullable=False),
    required("activated_at", TIMESTAMP),
    required("activated_by", Text),
)
"""Every activation of a policy, in order; the last one is in force."""

user_generations = Sequence("user_generations", metadata=metadata, data_type=BigInteger)
_JSON_TEXT = '"((?:[^"[.backslash.]]|[[.backslash.]].)*)"'
_SUBJECT_NAMES = "[b]atch|decision|delivery|folder|month|policy_version|process|session|user"
EVENT_KEY_LENGTH = 600
"""An index takes no longer keys: any row must be storable, also one that the service did not write."""
EVENT_ACTOR = f""""left"("substring"(document, '"actor":{_JSON_TEXT}'::text), {EVENT_KEY_LENGTH})"""
EVENT_SUBJECT = (
    f""""left"("substring"(document, '"(?:{_SUBJECT_NAMES})":{_JSON_TEXT}'::text), {EVENT_KEY_LENGTH})"""
)
"""The actor of an event and its first detail that names a subject, as JSON writes them (domain/audit/event.py).

They are written as PostgreSQL prints them, and without ":" before a letter, which SQLAlchemy takes for a
parameter.
"""

recorded_events = Table(
    "recorded_events",
    metadata,
    Column("event_id", Uuid, primary_key=True),
    required("kind", Text),
    required("document", Text),
    Index("recorded_events_kind", "kind", "event_id"),
    Index("recorded_events_actor", literal_column(EVENT_ACTOR), "event_id"),
    Index("recorded_events_subject", literal_column(EVENT_SUBJECT), "event_id"),
)
"""The events of audit entries other than decisions: `document` is the whole event, `kind` the entry's action."""

verification_reports = Table(
    "verification_reports",
    metadata,
    Column("event_id", Uuid, primary_key=True),
    required("document", Text),
)
"""The reports of verifications, by the event that records each and states the SHA-256 of the document."""

users = Table(
    "users",
    metadata,
    Column("name", Text, primary_key=True),
    required("role", Text),
    required("password_hash", Text),
    required("generation", BigInteger, server_default=user_generations.next_value()),
    required("must_change_password", Boolean, server_default=false()),
    Column("last_login_at", TIMESTAMP),
)
"""Users. For `generation` see `domain.access.account`."""

web_sessions = Table(
    "web_sessions",
    metadata,
    Column("id", LargeBinary, primary_key=True),
    required("name", Text),
    required("generation", BigInteger),
    required("address", Text),
    required("started_at", TIMESTAMP),
    required("last_seen_at", TIMESTAMP),
    Column("ended_at", TIMESTAMP),
    Column("previous_login_at", TIMESTAMP),
    has_length("id", 16, "a_digest"),
    Index("web_sessions_started", "started_at"),
)
"""Sessions of the web interface; `id` is a digest of the key in the browser's cookie."""

idempotency_keys = Table(
    "idempotency_keys",
    metadata,
    Column("actor", Text, primary_key=True),
    Column("key", Text, primary_key=True),
    required("fingerprint", LargeBinary),
    required("subject", Uuid),
    required("created_at", TIMESTAMP, server_default=func.now()),
    has_length("fingerprint", 32, "sha256"),
    Index("idempotency_keys_oldest", "created_at"),
)
"""The first result (`subject`) of each caller's key. Rows are never changed; old ones may be deleted."""

log_in_attempts = Table(
    "log_in_attempts",
    metadata,
    Column("key", LargeBinary, primary_key=True),
    required("until", TIMESTAMP),
    Column("name_key", LargeBinary),
    has_length("key", 16, "a_digest"),
    Index("log_in_attempts_past", "until"),
    Index("log_in_attempts_names", "name_key"),
)
"""When each limit on login attempts is full again, and until when a name is familiar at an address.

Keys are digests under the service's secret, so no names or addresses are stored. Rows in the past may be
deleted. `name_key` is that of the username, where the limit is one of a username.
"""
