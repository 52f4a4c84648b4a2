"""What audit entries are about."""

from collections.abc import Mapping
from enum import StrEnum

DECISION_RECORDED = "decision recorded"
"""The action of the entry for a decision."""


class SubjectKind(StrEnum):
    """The kinds of subjects, each with its own place for documents."""

    DECISION = "decision"
    EVENT = "event"


_KINDS: Mapping[str, SubjectKind] = {DECISION_RECORDED: SubjectKind.DECISION}


def kind_of_subject(action: str) -> SubjectKind:
    """The kind of subject of an entry with this action. Actions are otherwise those of events."""
    return _KINDS.get(action, SubjectKind.EVENT)
