"""A person's decision on a case as a response has it."""

from typing import Annotated, Literal
from uuid import UUID

from msgspec import UNSET, Meta, Struct, UnsetType

from domain.access.user import Actor, Permission
from domain.cases.final_decision import FinalDecision
from entrypoints.api.http.responses import Timestamp

_INTERNAL = "Absent for roles that may not see what drove a decision, such as service."


class FinalDecisionCondition(Struct, frozen=True):
    """A condition of the final decision as it was made; the case has its present state."""

    number: int
    text: str


class FinalDecisionSummary(Struct, frozen=True):
    """What a person decided on an application, after the system."""

    final_decision_id: UUID
    case_id: UUID
    outcome: Literal["approved", "declined", "counter_offer"]
    decided_at: Timestamp
    amount: Annotated[float | None, Meta(description="In dollars; null for a decline.")]
    term: Annotated[int | None, Meta(description="In months; null for a decline.")]
    annual_rate: Annotated[float | None, Meta(description="0.12 is 12 %; null for a decline.")]
    instalment: Annotated[float | None, Meta(description="Monthly payment in dollars; null for a decline.")]
    reason: Annotated[str, Meta(description="A code of the policy's list of reasons.")]
    reason_text: str
    conditions: list[FinalDecisionCondition]
    previous: Annotated[UUID | None, Meta(description="The final decision that this one overrides.")]
    override: (
        Annotated[
            Literal["agreed", "low_side", "high_side", "policy_exception"],
            Meta(description=f"Compared with the system's decision. {_INTERNAL}"),
        ]
        | UnsetType
    ) = UNSET
    text: Annotated[str, Meta(description=f"The explanation. {_INTERNAL}")] | UnsetType = UNSET
    maker: Annotated[str, Meta(description=f"Who resolved the case. {_INTERNAL}")] | UnsetType = UNSET
    checker: (
        Annotated[str | None, Meta(description=f"The second person who agreed, if one had to. {_INTERNAL}")]
        | UnsetType
    ) = UNSET
    authority: (
        Annotated[str, Meta(description=f"The rule of authority that was applied. {_INTERNAL}")] | UnsetType
    ) = UNSET


def final_decision_of(decision: FinalDecision, by: Actor) -> FinalDecisionSummary:
    """The final decision; who made it and how it compares, only for callers who may explain decisions."""
    explained = by.may(Permission.EXPLAIN_DECISIONS)
    return FinalDecisionSummary(
        final_decision_id=decision.final_decision_id,
        case_id=decision.case_id,
        outcome=decision.outcome.value,
        decided_at=decision.decided_at,
        amount=None if decision.amount is None else decision.amount.dollars,
        term=decision.term,
        annual_rate=decision.annual_rate,
        instalment=None if decision.instalment is None else decision.instalment.dollars,
        reason=decision.reason,
        reason_text=decision.reason_text,
        conditions=[FinalDecisionCondition(each.number, each.text) for each in decision.conditions],
        previous=decision.previous,
        override=decision.override.value if explained else UNSET,
        text=decision.text if explained else UNSET,
        maker=decision.maker.name if explained else UNSET,
        checker=_checker(decision) if explained else UNSET,
        authority=decision.authority.rule if explained else UNSET,
    )


def _checker(decision: FinalDecision) -> str | None:
    return None if decision.checker is None else decision.checker.name
