"""What a log line, a metric or a span may know of a request; no personal data.

The routes write it, whatever wraps them reads it, from `scope["state"]["observed"]` (a dict of strings, absent
until something was observed):

- `request_id`: the caller's `X-Request-ID`, else the decision's identifier, else one made for the problem's sake;
- `actor`, `role`: who called, once known;
- `decision_id`, `outcome`, `confidence`, `model_version`, `policy_version`: of a decision made;
- `problem`: the last word of the problem's type ("invalid-application"); `error`: an unexpected exception's type.

The route's template is Litestar's `scope["path_template"]`, absent where no route matched. When a request
came that came to ASGI later than that, `scope["state"]["began"]` says, by `perf_counter`.
"""

from collections.abc import Mapping
from typing import Any
from uuid import uuid4

from domain.access.user import Actor
from domain.decisions.decision_record import DecisionRecord

OBSERVED, BEGAN, CALLS = "observed", "began", "calls"
_LONGEST_REQUEST_ID = 128


def observe(scope: Mapping[str, Any], **facts: str) -> None:
    """Note facts of the request."""
    scope["state"].setdefault(OBSERVED, {}).update(facts)


def facts_of_caller(actor: Actor) -> dict[str, str]:
    """What may be known of who asked."""
    return {"actor": actor.name, "role": actor.role._value_}


def facts_of_decision(record: DecisionRecord, request_id: str | None, actor: Actor) -> dict[str, str]:
    """What may be known of a request that a decision answers; it goes by the decision unless it has a name."""
    decision = record.decision
    identifier = str(record.decision_id)
    return {
        "request_id": request_id or identifier,
        "decision_id": identifier,
        "outcome": decision.outcome._value_,
        "confidence": decision.confidence._value_,
        "model_version": record.model_version,
        "policy_version": decision.policy_version,
        "actor": actor.name,
        "role": actor.role._value_,
    }


def caller_request_id(headers: Mapping[bytes, bytes]) -> str | None:
    """The identifier the caller gave the request, if it is printable ASCII of at most 128 characters."""
    given = headers.get(b"x-request-id")
    if given is None or not 0 < len(given) <= _LONGEST_REQUEST_ID:
        return None
    text = given.decode("latin-1")
    return text if text.isascii() and text.isprintable() else None


def request_id(scope: Mapping[str, Any]) -> str:
    """The identifier of a request: the caller's, or a new one."""
    known: str | None = scope["state"].get(OBSERVED, {}).get("request_id")
    if known is None:
        known = caller_request_id(dict(scope["headers"])) or str(uuid4())
        observe(scope, request_id=known)
    return known
