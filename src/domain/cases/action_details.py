"""The details of every kind of action, for reading stored actions."""

from collections.abc import Mapping

from domain.cases.after_resolution import ConditionChanged, QualityReviewed
from domain.cases.applicant_request import ApplicantRequestReceived
from domain.cases.case_action import CaseActionKind, CaseDetails
from domain.cases.claiming import CaseClaimed, CaseReassigned, CaseReleased
from domain.cases.endings import CaseExpired, CaseWithdrawn, DueTimePassed
from domain.cases.information import CaseNoteAdded, InformationReceived, InformationRequested
from domain.cases.own_view import OwnViewEntered
from domain.cases.resolving import CaseResolved, ResolutionProposed, SecondApprovalGiven, SecondApprovalRefused
from domain.cases.review import ReviewOpened

_WORK = (CaseClaimed, CaseReleased, CaseReassigned, CaseNoteAdded, InformationRequested, InformationReceived)
_APPLICANT = (ApplicantRequestReceived,)
_ENDINGS = (CaseWithdrawn, CaseExpired, DueTimePassed)
_RESOLUTION = (OwnViewEntered, ResolutionProposed, CaseResolved, SecondApprovalGiven, SecondApprovalRefused)
_AFTERWARDS = (ConditionChanged, QualityReviewed, ReviewOpened)

DETAILS: Mapping[CaseActionKind, type[CaseDetails]] = {
    each.kind: each for each in (*_WORK, *_APPLICANT, *_ENDINGS, *_RESOLUTION, *_AFTERWARDS)
}
