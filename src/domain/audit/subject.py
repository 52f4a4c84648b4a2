"""What audit entries are about."""

from collections.abc import Mapping
from enum import StrEnum

DECISION_RECORDED = "decision recorded"
"""The action of the entry for a decision."""
FINAL_DECISION_RECORDED = "final decision recorded"
"""The action of the entry for a person's decision on a case."""


class SubjectKind(StrEnum):
    """The kinds of subjects, each with its own place for documents."""

    DECISION = "decision"
    EVENT = "event"
    CASE_ACTION = "case action"
    FINAL_DECISION = "final decision"
    APPLICATION_ACTION = "application action"
    NOTICE_ACTION = "notice action"
    RECONSIDERATION_ACTION = "reconsideration action"
    LOAN_OUTCOME = "loan outcome"


_KINDS: Mapping[str, SubjectKind] = {
    DECISION_RECORDED: SubjectKind.DECISION,
    FINAL_DECISION_RECORDED: SubjectKind.FINAL_DECISION,
}
_KINDS_BY_PREFIX = (
    ("case ", SubjectKind.CASE_ACTION),
    ("application ", SubjectKind.APPLICATION_ACTION),
    ("notice ", SubjectKind.NOTICE_ACTION),
    ("reconsideration ", SubjectKind.RECONSIDERATION_ACTION),
    ("loan outcome ", SubjectKind.LOAN_OUTCOME),
)


def kind_of_subject(action: str) -> SubjectKind:
    """The kind of subject of an entry with this action.

    The beginning of an action says what it is about; actions without a beginning of their own are those of events.
    """
    if action in _KINDS:
        return _KINDS[action]
    return next((kind for prefix, kind in _KINDS_BY_PREFIX if action.startswith(prefix)), SubjectKind.EVENT)
