"""The details of every kind of action, for reading stored actions."""

from collections.abc import Mapping

from domain.cases.case_action import CaseActionKind, CaseDetails
from domain.cases.claiming import CaseClaimed, CaseReassigned, CaseReleased
from domain.cases.endings import CaseExpired, CaseWithdrawn, DueTimePassed
from domain.cases.information import CaseNoteAdded, InformationReceived, InformationRequested

_WORK = (CaseClaimed, CaseReleased, CaseReassigned, CaseNoteAdded, InformationRequested, InformationReceived)
_ENDINGS = (CaseWithdrawn, CaseExpired, DueTimePassed)

DETAILS: Mapping[CaseActionKind, type[CaseDetails]] = {each.kind: each for each in (*_WORK, *_ENDINGS)}
