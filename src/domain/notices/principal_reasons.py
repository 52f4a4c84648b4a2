"""The principal reasons of the final record: why the applicant did not get the loan as requested.

For a decline by the system they are those of its decision. If a person decided, they come from both components
(12 CFR 1002.9, comment 9(b)(2)-6): what the person states, then what the system found. What the system found is
left out where it only asked a person to verify something and the person states another reason.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from domain.cases.final_decision import FinalDecision
from domain.cases.proposal import Proposal
from domain.cases.resolution import InvalidResolution
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


class ReasonRequired(InvalidResolution):
    """The resolution states no reason that a letter could state, and the system found none."""


@dataclass(frozen=True, slots=True)
class _Statement:
    """What a person states: an outcome, the code and the text of the policy's reason, and an own text."""

    outcome: FinalOutcome
    reason: str
    reason_text: str
    text: str


def principal_reasons(
    record: DecisionRecord, final: FinalDecision | None, terms: ReviewTerms
) -> tuple[AdverseActionReason, ...]:
    """At most four reasons, each once, of a decline or of a counter-offer; none if nothing specific is stated."""
    if final is None:
        return record.decision.reasons
    return _reasons(record, _Statement(final.outcome, final.reason, final.reason_text, final.text), terms)


def require_reasons(record: DecisionRecord, proposal: Proposal, terms: ReviewTerms) -> None:
    """Raise ReasonRequired if the letter of this resolution would have no reason to state."""
    resolution = proposal.resolution
    if resolution.outcome is FinalOutcome.APPROVED:
        return
    stated = _Statement(resolution.outcome, resolution.reason, proposal.reason_text, resolution.text)
    if not _reasons(record, stated, terms):
        raise ReasonRequired(
            [
                f"{resolution.reason} does not tell the applicant why not, and the system found nothing against "
                f"this loan: choose another reason, or {OTHER} with a text for the applicant"
            ]
        )


def _reasons(record: DecisionRecord, stated: _Statement, terms: ReviewTerms) -> tuple[AdverseActionReason, ...]:
    found = [each for each in record.decision.reasons if _applies(each.code, stated.reason)]
    by_text: dict[str, AdverseActionReason] = {}
    for reason in (*_of_person(stated, terms, found), *found):
        by_text.setdefault(reason.text, reason)
    return tuple(by_text.values())[:MAX_REASONS]


def _of_person(
    stated: _Statement, terms: ReviewTerms, found: list[AdverseActionReason]
) -> Iterator[AdverseActionReason]:
    """What the person states as a specific reason against the requested loan."""
    offers = stated.outcome is FinalOutcome.COUNTER_OFFER
    if stated.reason == RISK_TOO_HIGH:
        return
    if stated.reason == OTHER:
        if not (offers and found):  # it may say why the lender makes the offer
            yield AdverseActionReason(OTHER, stated.text)
    elif not offers or stated.reason in {each.code for each in terms.reasons_for(FinalOutcome.DECLINED)}:
        yield AdverseActionReason(stated.reason, stated.reason_text)


def _applies(code: str, stated: str) -> bool:
    """Whether what the system found is a reason of a final decision for which the person states this reason."""
    if stated == RISK_TOO_HIGH:
        return True
    if code.startswith(_ASKS_TO_VERIFY):
        return stated == _BUREAU_DATA_NOT_VERIFIED
    return code != _DUPLICATE_APPLICATION or stated == _DUPLICATE_OR_SUSPICIOUS
