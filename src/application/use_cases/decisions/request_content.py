"""What a request for a decision asks for: repeating it means asking for the same."""

from application.ports.decisions.idempotency import Claim, IdempotencyKey, canonical_request
from domain.decisions.circumstances import NO_CIRCUMSTANCES, BureauStatus
from domain.decisions.decision_record import DecisionRecord

_ACTION = "assess a loan application"


def request_content(record: DecisionRecord) -> object:
    """Everything that the caller gave; the application alone if that is all, as in releases that knew no more."""
    given: dict[str, object] = {}
    if identity := record.identity.given():
        given["identity"] = identity
    circumstances = record.circumstances
    if circumstances is not NO_CIRCUMSTANCES:
        if circumstances.bureau_status is not BureauStatus.FOUND:
            given["bureau_status"] = circumstances.bureau_status
        if circumstances.bureau_report_date is not None:
            given["bureau_report_date"] = circumstances.bureau_report_date.isoformat()
    if record.supersedes is not None:
        given["supersedes"] = str(record.supersedes)
        given["supersedes_reason"] = record.supersedes_reason
    return {"application": record.application, **given} if given else record.application


def same_content(one: DecisionRecord, other: DecisionRecord) -> bool:
    """Whether two decisions answer the same request, from the same caller or from two."""
    return canonical_request(request_content(one)) == canonical_request(request_content(other))


def claim_of(record: DecisionRecord, key: IdempotencyKey) -> Claim:
    """The claim of the key by the caller who requested the decision."""
    return Claim.of(key, by=record.requested_by, operation=_ACTION, request=request_content(record))
