"""SQL that selects from new audit entries what opens notices, and what may end the need for one."""

from domain.applications.application_action import ApplicationActionKind
from domain.audit.subject import DECISION_RECORDED, FINAL_DECISION_RECORDED
from domain.cases.case_action import CaseActionKind
from domain.notices.notice_action import NoticeActionKind
from domain.notices.notice_kind import NoticeKind
from domain.notices.notice_state import NoticeCause
from domain.policies.final_outcome import FinalOutcome
from domain.policies.outcome import Outcome

_REQUESTED, _EXPIRED = CaseActionKind.INFORMATION_REQUESTED.value, CaseActionKind.EXPIRED.value
_RECEIVED = CaseActionKind.INFORMATION_RECEIVED.value
_OF_CASES = (_REQUESTED, _EXPIRED, _RECEIVED, CaseActionKind.RESOLVED.value, CaseActionKind.WITHDRAWN.value)
_OF_APPLICATIONS = tuple(kind.value for kind in ApplicationActionKind)
_ADVERSE, _OFFER, _INCOMPLETE = (kind.value for kind in NoticeKind)


def _texts(values: tuple[str, ...]) -> str:
    return ", ".join(f"'{value}'" for value in values)


_REFERENCES = (
    "decision.requested_by, decision.application_reference, decision.applicant_reference, decision.source"
)
_APPLICATION = (
    "coalesce((SELECT application_id FROM superseded_decisions WHERE superseded_by = {0}.decision_id), "
    "{0}.decision_id)"
)
_COMPLETE_AT = f"""
    greatest(
        CASE WHEN cases.case_id = cases.decision_id THEN decision.decided_at ELSE cases.opened_at END,
        (
            SELECT max(at) FROM case_actions
            WHERE case_id = cases.case_id AND kind = '{_RECEIVED}' AND action_id < subject
        )
    )
"""  # noqa: S608 - our own text
"""When the application was complete: as submitted, at the request for a review, or with the last answer."""

FOLLOWED = f"""
    SELECT subject, '{NoticeCause.DECISION.value}' AS cause,
        CASE WHEN decision.outcome = '{Outcome.DECLINED.value}' THEN '{_ADVERSE}' END AS opens,
        decision.decision_id, coalesce(link.application_id, decision.decision_id) AS application_id,
        decision.decided_at AS received_at, {_REFERENCES}, NULL AS document
    FROM pending CROSS JOIN LATERAL (
        SELECT decision_id, outcome, decided_at, requested_by, application_reference, applicant_reference, source,
            trial
        FROM decisions WHERE decision_id = subject OFFSET 0
    ) AS decision LEFT JOIN superseded_decisions AS link ON link.superseded_by = subject
    WHERE action = '{DECISION_RECORDED}' AND trial IS NOT TRUE
        AND (decision.outcome = '{Outcome.DECLINED.value}' OR link.application_id IS NOT NULL)
    UNION ALL
    SELECT subject, '{NoticeCause.FINAL_DECISION.value}',
        CASE final.outcome
            WHEN '{FinalOutcome.DECLINED.value}' THEN '{_ADVERSE}'
            WHEN '{FinalOutcome.COUNTER_OFFER.value}' THEN '{_OFFER}'
        END,
        final.decision_id, {_APPLICATION.format("final")}, {_COMPLETE_AT}, {_REFERENCES}, NULL
    FROM pending JOIN final_decisions AS final ON final.final_decision_id = subject
    JOIN cases ON cases.case_id = final.case_id
    JOIN decisions AS decision ON decision.decision_id = final.decision_id
    WHERE action = '{FINAL_DECISION_RECORDED}'
    UNION ALL
    SELECT subject,
        CASE action WHEN '{_EXPIRED}' THEN '{NoticeCause.CASE_EXPIRED.value}'
            ELSE '{NoticeCause.INFORMATION_REQUESTED.value}' END,
        CASE WHEN action = '{_REQUESTED}' THEN '{_INCOMPLETE}'
            WHEN action = '{_EXPIRED}' AND cases.case_id = cases.decision_id THEN '{_ADVERSE}' END,
        cases.decision_id, {_APPLICATION.format("cases")},
        CASE action WHEN '{_EXPIRED}' THEN done.at ELSE {_COMPLETE_AT} END, {_REFERENCES}, done.document
    FROM pending JOIN case_actions AS done ON done.action_id = subject JOIN cases ON cases.case_id = done.case_id
    JOIN decisions AS decision ON decision.decision_id = cases.decision_id
    WHERE action IN ({_texts(_OF_CASES)})
    UNION ALL
    SELECT subject, '{NoticeCause.APPLICATION_CLOSED.value}',
        CASE action WHEN '{ApplicationActionKind.WITHDRAWN.value}' THEN '{_ADVERSE}' END,
        applications.decision_id, applications.application_id, done.at, {_REFERENCES}, done.document
    FROM pending JOIN application_actions AS done ON done.action_id = subject
    JOIN applications ON applications.application_id = done.application_id
    JOIN decisions AS decision ON decision.decision_id = applications.decision_id
    WHERE action IN ({_texts(_OF_APPLICATIONS)})
    UNION ALL
    SELECT subject, '', NULL, notices.decision_id, notices.application_id, notices.received_at,
        notices.requested_by, notices.application_reference, notices.applicant_reference, notices.source, NULL
    FROM pending JOIN notice_actions AS done ON done.action_id = subject
    JOIN notices ON notices.notice_id = done.notice_id
    WHERE action = '{NoticeActionKind.DELIVERED.value}'
"""  # noqa: S608 - our own text
"""What happened to applications: `opens` is the kind of notice, NULL where it may only end the need for one.

The expiry of a review leaves the decision as it was. Of withdrawals, only those because the applicant did not
provide what was requested close an incomplete application, which the document says.
"""
