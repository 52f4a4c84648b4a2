"""The problems of exceptions about referral cases."""

from application.ports.cases.cases import CaseConflict, CaseNotFound, CaseUnreadable
from domain.cases.case_errors import (
    CaseChanged,
    CaseEnded,
    CaseError,
    CaseHeld,
    CaseNotClaimed,
    InvalidCaseText,
    SecondApprovalNotPermitted,
    SecondPersonRequired,
    UnsuitableAssignee,
)
from domain.cases.counter_offer import CounterOfferNotApproved
from domain.cases.resolution import InvalidConditionChange, InvalidResolution
from domain.cases.resolution_errors import (
    AboveAuthority,
    AboveEveryAuthority,
    OwnViewRequired,
    ResolutionOutdated,
    ReviewNotPossible,
)
from entrypoints.api.http.problem_makers import RETRY, Problems, Resources, invalid_field, problem, sentence
from entrypoints.api.http.problems import RequestRejected


def _invalid_resolution(error: InvalidResolution) -> RequestRejected:
    return RequestRejected(422, "invalid-resolution", "Invalid resolution", sentence(error))


_case_not_found = problem(404, "no-such-case", "Case not found")
RESOURCES: Resources = (("/api/v1/cases/", "case", _case_not_found),)

PROBLEMS: Problems = {
    CaseNotFound: _case_not_found,
    CaseChanged: problem(412, "case-changed", "Case changed"),
    CaseConflict: problem(409, "case-conflict", "Case changed at the same time", headers=RETRY),
    CaseHeld: problem(409, "case-held", "Case held by another person"),
    CaseNotClaimed: problem(409, "case-not-claimed", "Case not claimed"),
    CaseEnded: problem(409, "case-ended", "Case already finished"),
    SecondApprovalNotPermitted: problem(403, "not-permitted", "Permission denied", error="insufficient_scope"),
    SecondPersonRequired: problem(409, "second-person-required", "Second person required"),
    UnsuitableAssignee: problem(422, "unsuitable-assignee", "Unsuitable assignee"),
    AboveAuthority: problem(409, "above-authority", "Above the authority"),
    AboveEveryAuthority: problem(409, "above-authority", "Above every authority"),
    OwnViewRequired: problem(409, "own-view-required", "Own view required"),
    ResolutionOutdated: problem(409, "resolution-outdated", "Application changed"),
    ReviewNotPossible: problem(409, "review-not-possible", "Review not possible"),
    InvalidConditionChange: problem(409, "case-rule", "Not possible for this case"),
    CounterOfferNotApproved: problem(422, "counter-offer-not-approved", "Counter-offer not approved"),
    InvalidResolution: _invalid_resolution,
    CaseError: problem(409, "case-rule", "Not possible for this case"),
    CaseUnreadable: problem(500, "case-unreadable", "Case cannot be read"),
    InvalidCaseText: invalid_field("text"),
}
