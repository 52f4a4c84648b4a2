"""The tables of referral cases and final decisions, as the newest migration creates them."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Double,
    Index,
    Integer,
    Numeric,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY

from adapters.persistence.database.tables import TIMESTAMP, metadata, required

UNFINISHED = "state NOT IN ('resolved', 'withdrawn', 'expired')"
_REVIEW = "case_id <> decision_id"

cases = Table(
    "cases",
    metadata,
    Column("case_id", Uuid, primary_key=True),
    required("decision_id", Uuid),
    required("opened_at", TIMESTAMP),
    required("due_at", TIMESTAMP),
    required("state", Text),
    required("version", Integer, server_default="0"),
    Column("assignee", Text),
    Column("assigned_at", TIMESTAMP),
    Column("lease_until", TIMESTAMP),
    required("proposers", ARRAY(Text), server_default="{}"),
    Column("awaiting_since", TIMESTAMP),
    Column("answer_by", TIMESTAMP),
    Column("breached_at", TIMESTAMP),
    Column("ended_at", TIMESTAMP),
    Column("changed_at", TIMESTAMP),
    Column("changed_by", Text),
    required("loan_amnt", Numeric(12, 2)),
    required("grade", Text),
    required("requested_by", Text),
    required("reasons", ARRAY(Text)),
    Column("application_reference", Text),
    Column("applicant_reference", Text),
    Column("quality", Text),
    required("synthetic", Boolean, server_default="false"),
    Column("request_due_at", TIMESTAMP),
    Index("cases_queue", "due_at", "case_id", postgresql_where=text(UNFINISHED)),
    Index("cases_ended", "ended_at", "case_id", postgresql_where=text("ended_at IS NOT NULL")),
    Index("cases_assignees", "assignee", postgresql_where=text(f"assignee IS NOT NULL AND {UNFINISHED}")),
    Index("cases_reviews", "decision_id", postgresql_where=text(_REVIEW)),
    Index("cases_quality", "quality", "ended_at", "case_id", postgresql_where=text("quality IS NOT NULL")),
    Index("cases_reviewed", "decision_id", unique=True, postgresql_where=text(f"{_REVIEW} AND {UNFINISHED}")),
)
"""The present state of each case, for searching and locking: it follows from the decision and `case_actions`.

`version` is the number of the last action, `reasons` are the codes of the decision's reasons. The first case of a
decision has its identifier; reviews are later ones, of which one at a time is unfinished. A new case enters no
index but those of the primary key and the queue, since decisions wait for it.
"""

case_actions = Table(
    "case_actions",
    metadata,
    Column("action_id", Uuid, primary_key=True),
    required("case_id", Uuid),
    required("number", Integer),
    required("at", TIMESTAMP),
    required("actor", Text),
    required("kind", Text),
    required("document", Text),
    UniqueConstraint("case_id", "number", name="case_actions_are_numbered"),
)
"""What was done to each case: `document` is the whole action, `number` counts from 1."""

final_decisions = Table(
    "final_decisions",
    metadata,
    Column("final_decision_id", Uuid, primary_key=True),
    required("decision_id", Uuid),
    required("case_id", Uuid),
    required("number", BigInteger),
    required("decided_at", TIMESTAMP),
    required("outcome", Text),
    required("override", Text),
    required("system_outcome", Text),
    required("recommended", Text),
    Column("own_view", Text),
    required("reason", Text),
    required("dwell_seconds", Double),
    required("maker", Text),
    Column("checker", Text),
    required("document", Text),
    UniqueConstraint("case_id", name="final_decisions_of_a_case"),
    UniqueConstraint("decision_id", "number", name="final_decisions_are_numbered"),
    Index("final_decisions_decided", "decided_at", "final_decision_id"),
)
"""The decisions of people on cases. The one with the highest `number` (from 1) is the decision's final one.

The columns repeat parts of `document`, for figures and lists.
"""
