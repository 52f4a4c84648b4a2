"""The principal reasons of the final record: why the applicant did not get the loan as requested.

For a decline by the system they are those of its decision. If a person decided, they come from both components
(12 CFR 1002.9, comment 9(b)(2)-6): what the person states, then what the system found. What the system found is
left out where it only asked a person to verify something and the person states another reason.
"""

from collections.abc import Iterator

from domain.cases.final_decision import FinalDecision
from domain.decisions.decision_record import DecisionRecord
from domain.policies.final_outcome import FinalOutcome
from domain.policies.reasons import MAX_REASONS, AdverseActionReason
from domain.policies.review_terms import ReviewTerms

OTHER, RISK_TOO_HIGH = "OTHER", "RISK_TOO_HIGH"
"""The person's text says what the first one is. The second is not specific: what makes the risk high is."""
INFORMATION_NOT_PROVIDED = AdverseActionReason(
    "INFORMATION_NOT_PROVIDED", "Information requested was not provided"
)
_ASKS_TO_VERIFY = "UNABLE_TO_VERIFY_"
_BUREAU_DATA_NOT_VERIFIED = "BUREAU_DATA_NOT_VERIFIED"
_DUPLICATE_APPLICATION, _DUPLICATE_OR_SUSPICIOUS = "DUPLICATE_APPLICATION", "DUPLICATE_OR_SUSPICIOUS"


def principal_reasons(
    record: DecisionRecord, final: FinalDecision | None, terms: ReviewTerms
) -> tuple[AdverseActionReason, ...]:
    """At most four reasons, each once, of a decline or of a counter-offer; none if nothing specific is stated."""
    if final is None:
        return record.decision.reasons
    found = [each for each in record.decision.reasons if _applies(each.code, final.reason)]
    by_text: dict[str, AdverseActionReason] = {}
    for reason in (*_stated(final, terms, found), *found):
        by_text.setdefault(reason.text, reason)
    return tuple(by_text.values())[:MAX_REASONS]


def _stated(
    final: FinalDecision, terms: ReviewTerms, found: list[AdverseActionReason]
) -> Iterator[AdverseActionReason]:
    """What the person states as a specific reason against the requested loan."""
    offers = final.outcome is FinalOutcome.COUNTER_OFFER
    if final.reason == RISK_TOO_HIGH:
        return
    if final.reason == OTHER:
        if not (offers and found):  # it may say why the lender makes the offer
            yield AdverseActionReason(OTHER, final.text)
    elif not offers or final.reason in {each.code for each in terms.reasons_for(FinalOutcome.DECLINED)}:
        yield AdverseActionReason(final.reason, final.reason_text)


def _applies(code: str, stated: str) -> bool:
    """Whether what the system found is a reason of a final decision for which the person states this reason."""
    if stated == RISK_TOO_HIGH:
        return True
    if code.startswith(_ASKS_TO_VERIFY):
        return stated == _BUREAU_DATA_NOT_VERIFIED
    return code != _DUPLICATE_APPLICATION or stated == _DUPLICATE_OR_SUSPICIOUS
