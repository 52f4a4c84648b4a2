"""The kind of an audit entry's subject follows from its action."""

import pytest

from domain.audit.event import EventKind
from domain.audit.subject import DECISION_RECORDED, FINAL_DECISION_RECORDED, SubjectKind, kind_of_subject


@pytest.mark.parametrize(
    ("action", "kind"),
    [
        (DECISION_RECORDED, SubjectKind.DECISION),
        (FINAL_DECISION_RECORDED, SubjectKind.FINAL_DECISION),
        ("case claimed", SubjectKind.CASE_ACTION),
        ("case resolved", SubjectKind.CASE_ACTION),
        ("application accepted", SubjectKind.APPLICATION_ACTION),
        ("notice issued", SubjectKind.NOTICE_ACTION),
        ("reconsideration requested", SubjectKind.RECONSIDERATION_ACTION),
        ("loan outcome recorded", SubjectKind.LOAN_OUTCOME),
        ("cases", SubjectKind.EVENT),
        ("an action of a later release", SubjectKind.EVENT),
    ],
)
def test_the_action_determines_the_kind(action: str, kind: SubjectKind) -> None:
    assert kind_of_subject(action) is kind


@pytest.mark.parametrize("kind", EventKind)
def test_every_event_is_read_as_an_event(kind: EventKind) -> None:
    assert kind_of_subject(kind.value) is SubjectKind.EVENT
