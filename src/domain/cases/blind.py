"""From whom the score, the recommendation and the decision on a case are withheld."""

from dataclasses import replace

from domain.access.user import Actor, Permission
from domain.cases.case_state import CaseState
from domain.cases.proceedings import Proceedings
from domain.cases.referral_case import ReferralCase


def is_blind(case: ReferralCase, proceedings: Proceedings, reader: Actor, *, policy_is_blind: bool) -> bool:
    """Whether score, recommendation and what others decided are withheld from a reader of the case.

    Under a blind policy they are withheld from people who work cases until they have entered their own view, the
    case is finished, or, for those who could decide on it, a proposal waits. While a finished case waits for a
    quality review, they are withheld from everyone who works cases but those who took part in the decision.
    """
    if not reader.may(Permission.WORK_CASES):
        return False
    if proceedings.awaits_quality_review:
        return reader.name not in proceedings.deciders
    if case.state.ended or not policy_is_blind or reader.name in proceedings.own_views:
        return False
    checks = case.state is CaseState.AWAITING_SECOND_APPROVAL and reader.may(Permission.GIVE_SECOND_APPROVALS)
    return not (checks or reader.name in case.proposers)


def leaves_out_score(case: ReferralCase, reader: Actor, *, policy_is_blind: bool) -> bool:
    """Whether lists and responses to actions leave out what follows from the score, for a reader of the case.

    They do not know who has entered an own view; the case itself does.
    """
    return policy_is_blind and not case.state.ended and reader.may(Permission.WORK_CASES)


def without_score(case: ReferralCase) -> ReferralCase:
    """The case without its grade and reasons."""
    return replace(case, grade="", reasons=())
