"""The tables, as the newest migration leaves them."""

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
)

metadata = MetaData()


def _plausible(column: str) -> CheckConstraint:
    """A time that the service can read: PostgreSQL's go further than Python's."""
    between = f"{column} BETWEEN '1970-01-01 00:00:00+00' AND '9999-01-01 00:00:00+00'"
    return CheckConstraint(between, name=f"{column}_is_plausible")


decisions = Table(
    "decisions",
    metadata,
    Column("decision_id", Uuid, primary_key=True),
    Column("decided_at", DateTime(timezone=True), nullable=False),
    Column("requested_by", Text, nullable=False),
    Column("role", Text, nullable=False),
    Column("channel", Text, nullable=False),
    Column("outcome", Text, nullable=False),
    Column("pd", Double, nullable=False),
    Column("score_points", Integer, nullable=False),
    Column("grade", Text, nullable=False),
    Column("confidence", Text, nullable=False),
    Column("loan_amnt", Numeric(12, 2), nullable=False),
    Column("term", Integer, nullable=False),
    Column("purpose", Text, nullable=False),
    Column("recommended_amount", Numeric(12, 2), nullable=False),
    Column("model_version", Text, nullable=False),
    Column("policy_version", Text, nullable=False),
    Column("document", Text, nullable=False),
    _plausible("decided_at"),
    postgresql_partition_by="RANGE (decision_id)",
)
"""Decisions on record: `document` is the record, whole; the other columns repeat parts of it for searching.

Its partitions are months, by the time in the identifiers; `decisions_default` holds what belongs to none of them.
"""

Index(
    "decisions_newest",
    decisions.c.decided_at,
    decisions.c.decision_id,
    postgresql_include=["outcome", "grade", "requested_by", "purpose", "loan_amnt"],
)
# Every filter of the archive is answered from this one index, without touching the wide rows: one index is also
# all that a new decision has to pay for.

DIGESTS = ("content_digest", "previous", "digest")

audit_entries = Table(
    "audit_entries",
    metadata,
    Column("chain", Uuid, primary_key=True),
    Column("sequence", BigInteger, primary_key=True, autoincrement=False),
    Column("at", DateTime(timezone=True), nullable=False),
    Column("actor", Text, nullable=False),
    Column("action", Text, nullable=False),
    Column("subject", Uuid, nullable=False),
    *(Column(name, LargeBinary, nullable=False) for name in DIGESTS),
    *(CheckConstraint(f"length({name}) = 32", name=f"{name}_is_sha256") for name in DIGESTS),
    CheckConstraint("sequence > 0", name="sequence_counts_from_1"),
    _plausible("at"),
    Index("audit_entries_subject", "subject"),
)
"""The audit trail: links of hash chains, in the fields of `domain.audit.entry.AuditEntry`."""

checkpoints = Table(
    "checkpoints",
    metadata,
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    Column("at", DateTime(timezone=True), nullable=False),
    Column("previous", LargeBinary, nullable=False),
    Column("public_key", LargeBinary, nullable=False),
    Column("signature", LargeBinary, nullable=False),
    CheckConstraint("number > 0", name="number_counts_from_1"),
    _plausible("at"),
    CheckConstraint("length(previous) = 32", name="previous_is_sha256"),
    CheckConstraint("length(public_key) = 32", name="public_key_is_ed25519"),
    CheckConstraint("length(signature) = 64", name="signature_is_ed25519"),
)
"""Signed checkpoints, in the fields of `domain.audit.checkpoint`."""

checkpoint_heads = Table(
    "checkpoint_heads",
    metadata,
    Column("chain", Uuid, primary_key=True),
    Column("length", BigInteger, nullable=False),
    Column(
        "number",
        BigInteger,
        ForeignKey("checkpoints.number", name="head_of_a_checkpoint"),
        primary_key=True,
        autoincrement=False,
    ),
    Column("digest", LargeBinary, nullable=False),
    CheckConstraint("length > 0", name="length_counts_from_1"),
    CheckConstraint("length(digest) = 32", name="digest_is_sha256"),
    Index("checkpoint_heads_chain", "chain", "length"),
)
"""The chains that checkpoint `number` speaks of: how long each was, and its last digest."""

model_bundles = Table(
    "model_bundles",
    metadata,
    Column("fingerprint", Text, primary_key=True),
    Column("file", Text, primary_key=True),
    Column("content", LargeBinary, nullable=False),
)
"""The files of every model that decided, by the bundle's fingerprint."""

scoring_policies = Table(
    "scoring_policies",
    metadata,
    Column("fingerprint", Text, primary_key=True),
    Column("version", Text, nullable=False),
    Column("document", Text, nullable=False),
    Index("scoring_policies_version", "version"),
)
"""Every policy that decided; `fingerprint` is its document's SHA-256 in hexadecimal."""

user_generations = Sequence("user_generations", metadata=metadata, data_type=BigInteger)
recorded_events = Table(
    "recorded_events",
    metadata,
    Column("event_id", Uuid, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("document", Text, nullable=False),
)
"""What audit entries vouch for besides decisions: `document` is the event, whole, and `kind` its action."""

users = Table(
    "users",
    metadata,
    Column("name", Text, primary_key=True),
    Column("role", Text, nullable=False),
    Column("password_hash", Text, nullable=False),
    Column("generation", BigInteger, nullable=False, server_default=user_generations.next_value()),
    Column("must_change_password", Boolean, nullable=False, server_default=false()),
)
"""Who can log in. `generation`: see `domain.access.account`."""

web_sessions = Table(
    "web_sessions",
    metadata,
    Column("id", LargeBinary, primary_key=True),
    Column("name", Text, nullable=False),
    Column("generation", BigInteger, nullable=False),
    Column("address", Text, nullable=False),
    Column("started_at", DateTime(timezone=True), nullable=False),
    Column("last_seen_at", DateTime(timezone=True), nullable=False),
    Column("ended_at", DateTime(timezone=True)),
    CheckConstraint("length(id) = 16", name="id_is_a_digest"),
    Index("web_sessions_started", "started_at"),
)
"""Sessions of the web interface; `id` is a digest of the key in the browser's cookie."""

idempotency_keys = Table(
    "idempotency_keys",
    metadata,
    Column("actor", Text, primary_key=True),
    Column("key", Text, primary_key=True),
    Column("fingerprint", LargeBinary, nullable=False),
    Column("subject", Uuid, nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    CheckConstraint("length(fingerprint) = 32", name="fingerprint_is_sha256"),
    Index("idempotency_keys_oldest", "created_at"),
)
"""Which first answer (`subject`) a caller's key stands for. Rows are never changed; old ones may be deleted."""

log_in_attempts = Table(
    "log_in_attempts",
    metadata,
    Column("key", LargeBinary, primary_key=True),
    Column("until", DateTime(timezone=True), nullable=False),
    CheckConstraint("length(key) = 16", name="key_is_a_digest"),
    Index("log_in_attempts_past", "until"),
)
"""When each allowance of attempts to log in is full again, and until when a name is familiar at an address.

Keys are digests under the service's secret: neither names nor addresses stand here. What is past may be deleted.
"""
