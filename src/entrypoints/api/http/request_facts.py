"""Facts of a request for log lines, metrics and spans; no personal data.

Routes write them and middleware reads them in `scope["state"]["observed"]`, a dict of strings that is absent until
the first is written:

- `request_id`: the caller's `X-Request-ID`, otherwise the decision's identifier, otherwise a new one;
- `actor`, `role`: the authenticated caller;
- `decision_id`, `outcome`, `grade`, `confidence`, `model_version`, `policy_version`: of the decision made;
- `problem`: the last part of the type of the problem, such as "invalid-application";
- `error`: the type of an unexpected exception.

The route's template is Litestar's `scope["path_template"]`, absent where no route matched. If a request arrived
before ASGI was called, `scope["state"]["began"]` is that time, by `perf_counter`.
"""

from collections.abc import Mapping
from typing import Any
from uuid import uuid4

from domain.access.user import Actor
from domain.decisions.decision_record import DecisionRecord

OBSERVED, BEGAN, CALLS = "observed", "began", "calls"
_LONGEST_REQUEST_ID = 128


def observe(scope: Mapping[str, Any], **facts: str) -> None:
    """Add facts of the request."""
    scope["state"].setdefault(OBSERVED, {}).update(facts)


def facts_of_caller(actor: Actor) -> dict[str, str]:
    """The facts of the authenticated caller."""
    return {"actor": actor.name, "role": actor.role.value}


def facts_of_decision(record: DecisionRecord, request_id: str | None, actor: Actor) -> dict[str, str]:
    """The facts of a request that got a decision; the decision identifies it unless the caller did."""
    decision = record.decision
    identifier = str(record.decision_id)
    return {
        "request_id": request_id or identifier,
        "decision_id": identifier,
        "outcome": decision.outcome.value,
        "grade": decision.grade,
        "confidence": decision.confidence.value,
        "model_version": record.model_version,
        "policy_version": decision.policy_version,
        "actor": actor.name,
        "role": actor.role.value,
    }


def caller_request_id(headers: Mapping[bytes, bytes]) -> str | None:
    """The caller's X-Request-ID, if it is printable ASCII of at most 128 characters."""
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
