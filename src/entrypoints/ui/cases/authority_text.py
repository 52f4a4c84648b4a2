"""The authority of an underwriter in words, before a resolution is tried."""

from collections.abc import Iterable
from dataclasses import dataclass

from domain.cases.applied_authority import SecondPersonRule
from domain.cases.case_authority import OutcomeAuthority
from entrypoints.ui.shared.formats import money, sentence

_BECAUSE = {
    SecondPersonRule.LOW_SIDE_OVERRIDE: "it approves at a probability of default that the policy does not approve",
    SecondPersonRule.REVERSED_DECLINE: "it lends what was declined before",
}


@dataclass(frozen=True, slots=True)
class AuthorityText:
    """The limit, and whether a second person decides ("second"), one decides "alone", or it is "impossible"."""

    limit: str
    consequence: str
    kind: str


def authority_text(authority: OutcomeAuthority) -> AuthorityText:
    """The authority for an outcome, and what it means."""
    if authority.refused:
        return AuthorityText("", sentence(authority.refused), "impossible")
    if authority.loan is None:
        limit = "A decline needs no limit."
    elif authority.limit is None:
        limit = f"Your role has no authority at grade {authority.loan.grade}."
    else:
        limit = f"You can approve up to {money(authority.limit)} at grade {authority.loan.grade}."
    if not authority.second_person:
        return AuthorityText(limit, "You decide this alone.", "alone")
    return AuthorityText(
        limit, f"This needs a second approval because {because(authority.second_person)}.", "second"
    )


def because(rules: Iterable[SecondPersonRule], above: str = "the loan is above your limit") -> str:
    """Why a second person must agree; `above` is how to say that the limit is not enough."""
    texts = _BECAUSE | {SecondPersonRule.ABOVE_AUTHORITY: above}
    return " and ".join(texts[rule] for rule in rules)
